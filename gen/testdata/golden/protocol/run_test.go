package run

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proof/protocol/client"
	"proof/protocol/server"
	"proof/protocol/wire"
)

// notes serves the protocol and keeps the last request.
type notes struct{ last any }

func (n *notes) Add(_ context.Context, r *client.AddRequest) (*client.Note, error) {
	n.last = r
	return &client.Note{ID: "n1", Text: r.Text}, nil
}

func (n *notes) Find(_ context.Context, r *client.NoteFindRequest) ([]client.Note, error) {
	n.last = r
	return []client.Note{{ID: "n1", Text: "a"}}, nil
}

func (n *notes) Drop(_ context.Context, r *client.NoteDropRequest) (map[string]json.RawMessage, error) {
	n.last = r
	return map[string]json.RawMessage{}, nil
}

func TestStubsCallWhatTheServerServes(t *testing.T) {
	t.Parallel()
	n := &notes{}
	c := &client.Client{Do: func(ctx context.Context, method string, data []byte) ([]byte, error) {
		return server.Serve(ctx, n, method, data)
	}}
	note, err := c.Add(t.Context(), "hi", client.WithExtra(nil), client.WithPinned(true))
	if err != nil {
		t.Fatal(err)
	}
	want(t, &client.Note{ID: "n1", Text: "hi"}, note)
	want[any](t, &client.AddRequest{Text: "hi", Extra: json.RawMessage("null"), Pinned: true}, n.last)
	found, err := c.Find(t.Context(), client.WithLimit(3), client.WithPinned(true))
	if err != nil {
		t.Fatal(err)
	}
	want(t, []client.Note{{ID: "n1", Text: "a"}}, found)
	want[any](t, &client.NoteFindRequest{Limit: 3, Pinned: true}, n.last)
	if err := c.Drop(t.Context(), "n1"); err != nil {
		t.Fatal(err)
	}
	want[any](t, &client.NoteDropRequest{ID: "n1"}, n.last)
	if _, err := server.Serve(t.Context(), n, "note.list", nil); err == nil {
		t.Error("a method that is not implemented is served")
	}
}

func TestNamesAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	for name, wants := range map[string][4]bool{
		client.MethodNoteAdd: {false, false, false, true}, client.MethodNoteFind: {true, true, false, true},
		client.MethodNoteDrop: {true, false, false, true}, client.MethodHello: {true, false, true, true}, "note.list": {},
	} {
		repeatable, blocking, session, known := client.Annotations(name)
		want(t, wants, [4]bool{repeatable, blocking, session, known})
	}
	for method, wants := range map[string]struct {
		scope string
		known bool
	}{client.MethodNoteAdd: {"note:write", true}, client.MethodNoteFind: {"", true}, "note.list": {}} {
		scope, known := server.ScopeOf(method)
		want(t, wants.scope, scope)
		want(t, wants.known, known)
	}
	want(t, "note:n1", client.NoteChannel("n1"))
	want[any](t, &client.Note{}, client.NewPayload(client.EventNoteAdded))
	want(t, nil, client.NewPayload("note.gone"))
	if client.CodeNotFound != 404 || client.ErrNotFound == nil {
		t.Errorf("the code is %d", client.CodeNotFound)
	}
}

func TestFramesSurviveBothFormats(t *testing.T) {
	t.Parallel()
	frame := wire.Frame{ID: "1", Data: json.RawMessage(`{"a":[1]}`)}
	text, err := json.Marshal(frame)
	if err != nil || string(text) != `{"id":"1","data":{"a":[1]}}` {
		t.Fatalf("%s, %v", text, err)
	}
	packed, err := frame.MarshalMsg(nil)
	if err != nil {
		t.Fatal(err)
	}
	var again wire.Frame
	if rest, err := again.UnmarshalMsg(packed); err != nil || len(rest) > 0 {
		t.Fatalf("%d bytes are left: %v", len(rest), err)
	}
	want(t, frame, again)
}

func want[T any](t *testing.T, wanted, got T) {
	t.Helper()
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}
