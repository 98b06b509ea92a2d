package wire

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var formats = []Format{FormatJSON, FormatMsgpack}

// inEach runs a test in both formats.
func inEach(t *testing.T, test func(t *testing.T, f Format)) {
	for _, f := range formats {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}

// full returns a frame with every field set, by reflection, so that a member which
// the schema gains cannot be forgotten by a codec.
func full(t *testing.T) Frame {
	t.Helper()
	var fr Frame
	fill(t, reflect.ValueOf(&fr).Elem(), "frame")
	return fr
}

func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2026, 11, 23, 14, 29, 36, 640045998, time.UTC)
		return
	case **ErrorDetail:
		*x = new(ErrorDetail)
		fill(t, reflect.ValueOf(*x).Elem(), name)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), name+"."+v.Type().Field(i).Name)
		}
	case reflect.String:
		v.SetString("\"" + name + "\"\\ <é>\u2028\n")
	case reflect.Uint32:
		v.SetUint(1 << 31)
	case reflect.Slice:
		v.SetBytes([]byte(`{"a":["` + name + `",1.5,null]}`))
	default:
		t.Fatalf("%s: no value for a %s", name, v.Type())
	}
}

func TestEveryMemberSurvives(t *testing.T) {
	t.Parallel()
	inEach(t, func(t *testing.T, f Format) {
		want := full(t)
		out, err := f.Append([]byte("before"), &want)
		if err != nil {
			t.Fatal(err)
		}
		text, ok := strings.CutPrefix(string(out), "before")
		if !ok {
			t.Fatalf("Append overwrote what was there: %q", out)
		}
		var got Frame
		if err := f.Decode([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the frame changed (-want +got):\n%s", diff)
		}
	})
}

func TestEmptyMembersAreOmitted(t *testing.T) {
	t.Parallel()
	got, err := FormatJSON.Append(nil, &Frame{ID: "1", Type: TypePing})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"1","type":"ping","ts":"0001-01-01T00:00:00Z"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got, err = FormatMsgpack.Append(nil, &Frame{ID: "1", Type: TypePing})
	if err != nil {
		t.Fatal(err)
	}
	if want := "\x83\xa2id\xa11\xa4type\xa4ping\xa2ts\xc7\x0c\xff"; !strings.HasPrefix(string(got), want) {
		t.Errorf("got %q, want a map of three beginning with %q", got, want)
	}
}

func TestRoutingMembersComeBeforeData(t *testing.T) {
	t.Parallel()
	inEach(t, func(t *testing.T, f Format) {
		fr := full(t)
		out, err := f.Append(nil, &fr)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for _, name := range []string{"id", "type", "method", "correl_id", "data", "ts"} {
			at := strings.Index(string(out), name)
			if at < last {
				t.Errorf("%q is at %d, before a member that it should follow", name, at)
			}
			last = at
		}
	})
}

func TestDataGoesOutCompact(t *testing.T) {
	t.Parallel()
	got, err := FormatJSON.Append(nil, &Frame{ID: "1", Type: TypeRequest, Data: []byte("\n{ \"a\" : [ 1 , \"x y\\\" \" ] }\t")})
	if err != nil {
		t.Fatal(err)
	}
	if want := `"data":{"a":[1,"x y\" "]},`; !strings.Contains(string(got), want) {
		t.Errorf("got %s, want it to contain %s", got, want)
	}
}

func TestInvalidDataIsNotSent(t *testing.T) {
	t.Parallel()
	inEach(t, testInvalidData)
}

func testInvalidData(t *testing.T, f Format) {
	for _, data := range []string{"{", "{}{}", " ", "nul", `"` + "\n" + `"`, `{"a":1}},"type":"event"`} {
		dst := []byte("before")
		out, err := f.Append(dst, &Frame{ID: "1", Type: TypeRequest, Data: []byte(data)})
		if !errors.Is(err, ErrSyntax) {
			t.Errorf("data %q: error %v, want ErrSyntax", data, err)
		}
		if string(out) != "before" {
			t.Errorf("data %q: %q is left, want what was there before", data, out)
		}
	}
}

func TestAnUnknownFormatIsAnError(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "JSON", "cbor", "json "} {
		if f, err := ParseFormat(name); err == nil || f != "" {
			t.Errorf("ParseFormat(%q) = %q, %v, want an error", name, f, err)
		}
		if out, err := Format(name).Append([]byte("x"), new(Frame)); err == nil || string(out) != "x" {
			t.Errorf("Format(%q).Append = %q, %v, want an error", name, out, err)
		}
		if err := Format(name).Decode([]byte(`{}`), new(Frame)); err == nil {
			t.Errorf("Format(%q).Decode gives no error", name)
		}
	}
	for _, f := range formats {
		if got, err := ParseFormat(string(f)); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", f, got, err)
		}
	}
}

func TestDecodeOverwritesTheWholeFrame(t *testing.T) {
	t.Parallel()
	inEach(t, func(t *testing.T, f Format) {
		want := Frame{ID: "1", Type: TypePong, TS: time.Unix(1, 0).UTC()}
		out, err := f.Append(nil, &want)
		if err != nil {
			t.Fatal(err)
		}
		got := full(t)
		if err := f.Decode(out, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("something of the frame before is left (-want +got):\n%s", diff)
		}
	})
}

func TestOnlyDataAndDetailsAliasTheMessage(t *testing.T) {
	t.Parallel()
	inEach(t, func(t *testing.T, f Format) {
		sent := full(t)
		message, err := f.Append(nil, &sent)
		if err != nil {
			t.Fatal(err)
		}
		var got Frame
		if err := f.Decode(message, &got); err != nil {
			t.Fatal(err)
		}
		if cap(got.Data) != len(got.Data) || cap(got.Error.Details) != len(got.Error.Details) {
			t.Error("an append to Data or Details would overwrite the message")
		}
		data, details := string(got.Data), string(got.Error.Details)
		for i := range message {
			message[i] = 0
		}
		if string(got.Data) == data || string(got.Error.Details) == details {
			t.Error("Data or Details is a copy")
		}
		got.Data, got.Error.Details = sent.Data, sent.Error.Details
		if diff := cmp.Diff(sent, got); diff != "" {
			t.Errorf("a string aliases the message (-want +got):\n%s", diff)
		}
	})
}
