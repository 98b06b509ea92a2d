package devserver_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/wire"
)

// TestRecordedConversations sends what a client once sent to a production server, at the
// same pace, and compares what comes back.
func TestRecordedConversations(t *testing.T) {
	t.Parallel()
	t.Run("json, then msgpack", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := newReplay(t)
			r.play("json.jsonl", wire.FormatJSON).net.Close()
			synctest.Wait()
			r.play("msgpack.jsonl", wire.FormatMsgpack)
		})
	})
	t.Run("refused token", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newReplay(t).play("refused-token.jsonl", wire.FormatJSON)
			if fr := p.next(); fr != nil {
				t.Fatalf("after the refusal came %+v", fr)
			}
			if p.closeCode != 0 {
				t.Errorf("the connection ended with close code %d", p.closeCode)
			}
		})
	})
	t.Run("read-only token", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) { newReplay(t).play("read-only-token.jsonl", wire.FormatJSON) })
	})
}

// replay is a server like the recorded one and a client that repeats conversations.
type replay struct {
	t      *testing.T
	listen *memnet.Listener
	ours   map[string]string // by the recording's ids
	theirs map[string]string // the other way round
}

func newReplay(t *testing.T) *replay {
	everything := devserver.Identity{AppID: "app-1", OrgID: "org-1", Scopes: []string{client.ScopeAll}}
	readOnly := devserver.Identity{AppID: "app-1", OrgID: "org-1", Scopes: []string{client.ScopeJobRead}}
	srv := devserver.New(
		devserver.WithQueues("default", "critical"),
		devserver.WithToken("dk_live_abc123", everything), devserver.WithToken("dk_read", readOnly),
	)
	srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
	srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("kaboom") })
	srv.HandleWorkflow("order-pipeline", func(_ context.Context, run *devserver.Run) (any, error) {
		for _, step := range []string{"validate", "charge", "ship"} {
			if err := run.Step(step, func(context.Context) (any, error) {
				time.Sleep(20 * time.Millisecond)
				return nil, nil
			}); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	srv.HandleWorkflow("bad-pipeline", func(_ context.Context, run *devserver.Run) (any, error) {
		return nil, run.Step("explode", func(context.Context) (any, error) { return nil, errors.New("step failed") })
	})
	return &replay{t: t, listen: serveInMemory(t, srv), ours: map[string]string{}, theirs: map[string]string{}}
}

// play repeats a conversation: its requests with this run's ids, and the frame that was
// sent outside the record, before the error that answers none.
func (r *replay) play(name string, format wire.Format) *peer {
	recording := readRecording(r.t, name, format)
	d := ws.Dialer{NetDial: func(ctx context.Context, _, _ string) (net.Conn, error) { return r.listen.Dial(ctx, "", "") }}
	c, br, _, err := d.Dial(r.t.Context(), "ws://server/dwp")
	if err != nil {
		r.t.Fatal(err)
	}
	p := newPeer(r.t, c, br)
	var got []*wire.Frame
	begin := recording[0].frame.TS
	began := time.Now()
	for _, m := range recording {
		switch {
		case m.sent:
			time.Sleep(time.Until(began.Add(m.frame.TS.Sub(begin))))
			p.write(m.op, translate(m.message, r.ours))
		case m.frame.Type == wire.TypeError && m.frame.CorrelID == "":
			time.Sleep(time.Until(began.Add(m.frame.TS.Sub(begin))))
			op := ws.OpText
			if format == wire.FormatMsgpack {
				op = ws.OpBinary
			}
			p.write(op, []byte("{garbage"))
		default:
			continue
		}
		if m.frame.Method == client.MethodWorkflowStart {
			time.Sleep(100 * time.Millisecond) // of the pipeline's steps
		}
		synctest.Wait()
		for len(p.frames) > 0 {
			got = append(got, <-p.frames)
		}
		r.learn(recording, got)
	}
	r.compare(name, recording, got)
	return p
}

// learn pairs the ids of what the conversation created, from the replies.
func (r *replay) learn(recording []recorded, got []*wire.Frame) {
	for _, m := range recording {
		i := slices.IndexFunc(got, func(fr *wire.Frame) bool {
			return fr.CorrelID != "" && fr.CorrelID == m.frame.CorrelID
		})
		if m.sent || i < 0 {
			continue
		}
		theirs, ours := entityID.FindAllString(string(m.frame.Data), -1), entityID.FindAllString(string(got[i].Data), -1)
		for k := range min(len(theirs), len(ours)) {
			r.ours[theirs[k]], r.theirs[ours[k]] = ours[k], theirs[k]
		}
	}
}

// compare compares replies by what they answer, and events in the order of each topic.
func (r *replay) compare(name string, recording []recorded, got []*wire.Frame) {
	want := map[string][]any{}
	for _, m := range recording {
		if !m.sent {
			want[thread(m.frame)] = append(want[thread(m.frame)], shape(r.t, m.frame, nil))
		}
	}
	have := map[string][]any{}
	for _, fr := range got {
		key := string(translate([]byte(thread(fr)), r.theirs))
		have[key] = append(have[key], shape(r.t, fr, r.theirs))
	}
	if diff := cmp.Diff(want, have); diff != "" {
		r.t.Errorf("%s: recorded -, here +:\n%s", name, diff)
	}
}

// thread is what a frame belongs to: a request, or a topic.
func thread(fr *wire.Frame) string {
	if fr.Type == wire.TypeEvent {
		return fr.Channel
	}
	return "answer to " + fr.CorrelID
}
