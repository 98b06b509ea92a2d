package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/codec"
)

func FuzzDecodeJSON(f *testing.F) { fuzzDecode(f, FormatJSON) }

func FuzzDecodeMsgpack(f *testing.F) { fuzzDecode(f, FormatMsgpack) }

// fuzzDecode checks what holds for every input: it decodes or fails with a typed error, and what
// decodes has the heading that is read of it and survives encoding, in the same bytes from then on.
func fuzzDecode(f *testing.F, format Format) {
	for _, r := range recordings(f) {
		if r.format == format {
			f.Add(r.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var fr Frame
		format.Heading(data) // which does not panic, whatever it is
		if err := format.Decode(data, &fr); err != nil {
			if !isTyped(err) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if h := format.Heading(data); h != (Heading{Type: fr.Type, CorrelID: fr.CorrelID, Channel: fr.Channel}) {
			t.Fatalf("the heading is %+v", h)
		}
		if len(fr.Data) > len(data) || cap(fr.Data) != len(fr.Data) {
			t.Fatalf("data of %d bytes, capacity %d, out of a message of %d", len(fr.Data), cap(fr.Data), len(data))
		}
		out, err := format.Append(nil, &fr)
		if err != nil {
			// In UTC a time may lie in the year before 0 or after 9999; in msgpack data is opaque.
			if year := fr.TS.Year(); format == FormatJSON && 0 <= year && year <= 9999 {
				t.Fatalf("what was decoded cannot be encoded: %v", err)
			}
			return
		}
		var again Frame
		if err := format.Decode(out, &again); err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v\n%q", err, out)
		}
		normalize(t, format, &fr)
		normalize(t, format, &again)
		if diff := cmp.Diff(fr, again); diff != "" {
			t.Fatalf("the frame changed (-first +second):\n%s", diff)
		}
		if second, err := format.Append(nil, &again); err != nil || !bytes.Equal(out, second) {
			t.Fatalf("the encoding changed: %v\n%q\n%q", err, out, second)
		}
	})
}

func isTyped(err error) bool {
	for _, kind := range []error{ErrSyntax, ErrTooDeep, ErrBadUTF8, ErrWrongType, ErrRange, ErrDuplicate} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// normalize undoes what encoding may change: white space and escapes of raw JSON, a bin of no
// bytes.
func normalize(t *testing.T, format Format, fr *Frame) {
	raws := []*json.RawMessage{&fr.Data}
	if fr.Error != nil {
		raws = append(raws, &fr.Error.Details)
	}
	for _, raw := range raws {
		if len(*raw) == 0 {
			*raw = nil
		} else if format == FormatJSON {
			compact, err := codec.AppendRaw(nil, *raw)
			if err != nil {
				t.Fatalf("raw JSON %q is not valid: %v", *raw, err)
			}
			*raw = compact
		}
	}
}

// standardFrame is a frame that encoding/json decodes, and not a generated method.
type standardFrame struct {
	bareFrame
	Error *bareDetail `json:"error"`
}

type (
	bareFrame  Frame
	bareDetail ErrorDetail
)

func (s *standardFrame) frame() Frame {
	fr := Frame(s.bareFrame)
	fr.Error = (*ErrorDetail)(s.Error)
	return fr
}

// FuzzJSONAgreesWithTheStandardLibrary compares Decode with json.Unmarshal on what both mean to
// read alike.
func FuzzJSONAgreesWithTheStandardLibrary(f *testing.F) {
	for _, r := range recordings(f) {
		if r.format == FormatJSON {
			f.Add(r.data)
		}
	}
	for _, text := range []string{`{"id":"\ud800\u0041"}`, `{"error":{"details":[1e5, "x"]}}`, `{"credits":4294967296}`, `{"ts":"2026-02-29T00:00:00Z"}`, `{"data":-0.0e+1}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) || differs(data) {
			return
		}
		var want standardFrame
		var got Frame
		wantErr := json.Unmarshal(data, &want)
		gotErr := FormatJSON.Decode(data, &got)
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("%q:\nencoding/json: %v\nDecode:        %v", data, wantErr, gotErr)
		}
		if wantErr != nil {
			return
		}
		want.TS = want.TS.UTC()
		// To encoding/json a null is a RawMessage, to a frame it is absence.
		if string(want.Data) == "null" {
			want.Data = nil
		}
		if want.Error != nil && string(want.Error.Details) == "null" {
			want.Error.Details = nil
		}
		if diff := cmp.Diff(want.frame(), got); diff != "" {
			t.Fatalf("%q (-encoding/json +Decode):\n%s", data, diff)
		}
	})
}

// differs reports whether a document has something that Decode reads differently on purpose: null
// as a frame, names in another case, members twice, integers with a sign, fraction or exponent,
// times with escapes, and deep nesting.
func differs(data []byte) bool {
	if !json.Valid(data) {
		return false
	}
	if string(bytes.TrimSpace(data)) == "null" || strings.Count(string(data), "[")+strings.Count(string(data), "{") > MaxDepth {
		return true
	}
	return differsIn(data, func(key []byte) bool { return memberNamed(key) != memberUnknown }, func(key string, value []byte) bool {
		switch key {
		case "ts":
			return bytes.ContainsRune(value, '\\')
		case "credits":
			return bytes.ContainsAny(value, ".eE-")
		case "error":
			return differsIn(value, func(key []byte) bool { return errorMemberNamed(key) != memberUnknown }, func(key string, value []byte) bool {
				return key == "code" && bytes.ContainsAny(value, ".eE-")
			})
		}
		return false
	})
}

// differsIn looks at the members of one object.
func differsIn(object []byte, known func([]byte) bool, differs func(key string, value []byte) bool) bool {
	d := json.NewDecoder(bytes.NewReader(object))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return true
		}
		key := token.(string)
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return true
		}
		folded := strings.ToLower(strings.Map(func(r rune) rune {
			switch r {
			case 'ſ':
				return 's'
			case '\u212a':
				return 'k'
			}
			return r
		}, key))
		if known([]byte(folded)) && (folded != key || seen[key]) || known([]byte(key)) && differs(key, value) {
			return true
		}
		seen[key] = true
	}
	return false
}

func FuzzDecodeEnvelope(f *testing.F) {
	for _, r := range recordings(f) {
		var fr Frame
		if err := r.format.Decode(r.data, &fr); err == nil && fr.Type == TypeEvent && len(fr.Data) > 0 {
			f.Add([]byte(fr.Data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var ev EventEnvelope
		if err := DecodeEnvelope(data, &ev); err != nil {
			if !isTyped(err) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if len(ev.Data) > 0 && !json.Valid(ev.Data) {
			t.Fatalf("data %q is not valid", ev.Data)
		}
	})
}
