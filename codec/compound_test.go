package codec

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type record struct {
	Names  []string         `json:"names"`
	Counts map[string][]int `json:"counts"`
	Limit  *int             `json:"limit"`
	Note   Optional[string] `json:"note,omitzero"`
}

func (r *record) ScanJSON(s *Scanner) {
	s.Object()
	for s.Member() {
		switch string(s.Key()) {
		case "names":
			ScanList(s, &r.Names, ScanString[string])
		case "counts":
			ScanMap(s, &r.Counts, func(s *Scanner, v *[]int) { ScanList(s, v, ScanInt[int]) })
		case "limit":
			ScanPointer(s, &r.Limit, ScanInt[int])
		case "note":
			ScanOptional(s, &r.Note, ScanString[string])
		default:
			s.Skip()
		}
	}
}

func appendInt(dst []byte, v *int) ([]byte, error) { return AppendInt(dst, *v), nil }

func appendString(dst []byte, v *string) ([]byte, error) { return AppendString(dst, *v), nil }

func (r *record) AppendJSON(dst []byte) (_ []byte, err error) {
	dst = append(dst, `{"names":`...)
	if dst, err = AppendList(dst, r.Names, appendString); err != nil {
		return dst, err
	}
	dst = append(dst, `,"counts":`...)
	if dst, err = AppendMap(dst, r.Counts, func(dst []byte, v *[]int) ([]byte, error) { return AppendList(dst, *v, appendInt) }); err != nil {
		return dst, err
	}
	dst = append(dst, `,"limit":`...)
	if dst, err = AppendPointer(dst, r.Limit, appendInt); err != nil {
		return dst, err
	}
	if !r.Note.IsZero() {
		dst = append(dst, `,"note":`...)
		if dst, err = AppendOptional(dst, r.Note, appendString); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func FuzzCompoundValues(f *testing.F) {
	for _, text := range []string{
		`{"names":["a",null,"<"],"counts":{"b":[1],"a":null,"":[]},"limit":5,"note":"x"}`, `{"names":[],"note":null,"limit":null,"counts":{}}`,
		`{"counts":{"a":[1],"a":[2],"\ud800":[3],"\ufffd":[4]},"counts":{"c":[]}}`, `null`, `{"limit":1,"limit":2}`, `{"note":null,"note":"a"}`, `{"note":"a","note":null}`, `{"names":null,"counts":null}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want, got record
		if json.Unmarshal(data, &want) != nil {
			return
		}
		s := NewScanner(data)
		got.ScanJSON(&s)
		if err := s.End(); err != nil {
			return // deep, as elsewhere
		}
		if foreign(data) {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-encoding/json +Scanner):\n%s", data, diff)
		}
		wantText, err := json.Marshal(emptied(want))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := got.AppendJSON(nil); err != nil || string(text) != string(wantText) {
			t.Fatalf("got %s, %v, want %s", text, err, wantText)
		}
	})
}

// emptied makes what is nil empty: encoding/json would write null, which the schema of a list or
// map refuses.
func emptied(r record) record {
	if r.Names == nil {
		r.Names = []string{}
	}
	counts := make(map[string][]int)
	for name, list := range r.Counts {
		counts[name] = append([]int{}, list...)
	}
	r.Counts = counts
	return r
}

func TestNilListsMapsAndBytesAreWrittenEmpty(t *testing.T) {
	t.Parallel()
	if got, err := new(record).AppendJSON(nil); err != nil || string(got) != `{"names":[],"counts":{},"limit":null}` {
		t.Errorf("%s, %v", got, err)
	}
	if got := AppendBytes(nil, []byte(nil)); string(got) != `""` {
		t.Errorf("bytes: %s", got)
	}
}

// foreign reports whether a member's name matches a field of record only regardless of case.
func foreign(data []byte) bool {
	var all map[string]any
	_ = json.Unmarshal(data, &all)
	var ours, exact record
	_ = json.Unmarshal(data, &ours)
	for _, name := range []string{"names", "counts", "limit", "note"} {
		delete(all, name)
	}
	rest, err := json.Marshal(all)
	return err != nil || json.Unmarshal(rest, &exact) != nil || !cmp.Equal(exact, record{})
}

func TestOptionalHasThreeStates(t *testing.T) {
	t.Parallel()
	type holder struct {
		V Optional[int] `json:"v,omitzero"`
	}
	for text, want := range map[string]Optional[int]{
		`{}`: {}, `{"v":null}`: NullOf[int](), `{"v":0}`: Some(0), `{"v":5}`: Some(5),
	} {
		var got holder
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.V); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if again, err := json.Marshal(got); err != nil || string(again) != text {
			t.Errorf("%s becomes %s, %v", text, again, err)
		}
		_, isValue := got.V.Get()
		if got.V.IsZero() != (text == `{}`) || got.V.IsNull() != (text == `{"v":null}`) || isValue == (got.V.IsZero() || got.V.IsNull()) {
			t.Errorf("%s: absent %v, null %v, value %v", text, got.V.IsZero(), got.V.IsNull(), isValue)
		}
	}
	if err := json.Unmarshal([]byte(`{"v":"x"}`), new(holder)); err == nil {
		t.Error("a string reads as an Optional[int]")
	}
}

func TestListsGrowWithTheirInput(t *testing.T) {
	t.Parallel()
	list := []int{9, 9, 9}
	s := NewScanner([]byte(`[1,2]`))
	old := list
	ScanList(&s, &list, ScanInt[int])
	if diff := cmp.Diff([]int{1, 2}, list); diff != "" || old[0] != 9 {
		t.Errorf("the list before is %v; (-want +got):\n%s", old, diff)
	}
}
