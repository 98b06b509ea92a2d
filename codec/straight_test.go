package codec

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// trace reads a document of objects, arrays and strings, and returns what it comes by. Straight
// leaves the choice of the path to the scanner.
func trace(data []byte, straight bool) (seen []string) {
	s := NewScanner(data)
	s.LimitDepth(8)
	member, text := s.member, s.text
	if straight {
		member, text = s.Member, s.Text
	}
	var read func()
	read = func() {
		switch {
		// an error of type, now and then
		case s.Next() == KindString, s.Next() == KindNumber && len(data)%2 == 0:
			t, ok := text()
			seen = append(seen, fmt.Sprint(string(t), ok, s.start, s.pos))
		case s.Next() == KindObject:
			for s.Object(); member(); {
				seen = append(seen, fmt.Sprint(string(s.Key()), cap(s.Key()) == len(s.Key()), s.start, s.pos))
				read()
			}
		case s.Next() == KindArray:
			for s.Array(); s.Element(); {
				read()
			}
		default:
			s.Skip()
		}
	}
	read()
	seen = append(seen, fmt.Sprint(s.Err()))
	member()
	text()
	seen = append(seen, fmt.Sprint(s.End()))
	return seen
}

func straightAgrees(tb testing.TB, data []byte) {
	tb.Helper()
	want := trace(data, false)
	if got := trace(data, true); !reflect.DeepEqual(got, want) {
		tb.Errorf("%q:\n%q, want\n%q", data, got, want)
	}
}

const straightSample = `{"name":"a","b":{"c":"é","d\n":"\u0041\""},"":[],"long name":["x",{},12]}`

func FuzzStraightPathsAgree(f *testing.F) {
	f.Add([]byte(straightSample))
	f.Add([]byte(`[{"a" : "b" , "c":[{"d":"e"}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) { straightAgrees(t, data) })
}

func TestStraightPathsReadWhatTheOthersRead(t *testing.T) {
	t.Parallel()
	sample := []byte(straightSample)
	straightAgrees(t, sample)
	for i := range sample {
		straightAgrees(t, sample[:i])
		straightAgrees(t, append(bytes.Clone(sample[:i]), sample[i+1:]...))
		for c := i % 5; c < 256; c += 5 {
			changed := bytes.Clone(sample)
			changed[i] = byte(c)
			straightAgrees(t, changed)
		}
		for _, c := range []byte("\"\\,:{}[] \n1") {
			straightAgrees(t, append(append(bytes.Clone(sample[:i]), c), sample[i:]...))
		}
	}
}

// strung reads the strings of an array.
func strung(data []byte, into []string) {
	s := NewScanner(data)
	s.Array()
	for i := 0; s.Element(); i++ {
		ScanString(&s, &into[i])
	}
}

func TestStringsOfASmallDocumentShareOneCopy(t *testing.T) {
	into := make([]string, 5)
	array := func(elements ...string) []byte { return []byte("[" + strings.Join(elements, ",") + "]") }
	small, long := `"some text"`, `"`+strings.Repeat("x", sharedDocument)+`"`
	for _, test := range []struct {
		data []byte
		want float64
	}{
		{array(small, small, small, small), 1},
		{array(small, `""`, `"é"`, `"12"`), 1},
		{array(`""`, `""`), 0},
		{array(`"a\n"`, `"b\n"`), 3}, // unescaped in memory of the scanner, and each copied
		{array(long), 1},
		{array(small, small, small, long), 4}, // which keep no long document
		{array(small, small, `"`+strings.Repeat("x", sharedDocument-28)+`"`), 1},
		{array(small, small, `"`+strings.Repeat("x", sharedDocument-27)+`"`), 3},
	} {
		if n := testing.AllocsPerRun(100, func() {
			clear(into)
			strung(test.data, into)
		}); n != test.want {
			t.Errorf("%.60s (%d bytes): %v allocations, want %v", test.data, len(test.data), n, test.want)
		}
	}
}

func TestStringsOutliveTheDocument(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`["a","bc","dé","e\n"]`, `["a","bc","dé","e\n","` + strings.Repeat("x", sharedDocument) + `"]`} {
		data, into := []byte(text), make([]string, 5)
		strung(data, into)
		clear(data)
		if want := []string{"a", "bc", "dé", "e\n"}; !reflect.DeepEqual(into[:4], want) {
			t.Errorf("%q became %q", want, into[:4])
		}
	}
}

func TestAScannerThatIsResetCopiesItsNewDocument(t *testing.T) {
	t.Parallel()
	var got string
	s := NewScanner([]byte(`"first"`))
	ScanString(&s, &got)
	s.Reset([]byte(`"other"`))
	if ScanString(&s, &got); got != "other" {
		t.Errorf("read %q", got)
	}
}

func TestAScannerThatIsResetKeepsLittleMemory(t *testing.T) {
	t.Parallel()
	for size, keeps := range map[int]bool{100: true, keptBuffer / 2: true, keptBuffer + 1: false, 1 << 20: false} {
		s := NewScanner([]byte(`"\n` + strings.Repeat("x", size-1) + `"`))
		if text, ok := s.Text(); !ok || len(text) != size {
			t.Fatalf("%d bytes, %v", len(text), s.Err())
		}
		s.Reset(nil)
		if kept := cap(s.buf); kept > keptBuffer || keeps != (kept >= size) {
			t.Errorf("after a string of %d bytes, memory for %d is kept", size, kept)
		}
	}
}

func TestNothingIsReadAfterAnError(t *testing.T) {
	t.Parallel()
	s := NewScanner([]byte(`{"a":"b"}`))
	s.Object()
	s.Fail(ErrType, "")
	if s.Member() {
		t.Error("a member is read")
	}
	s = NewScanner([]byte(`"a"`))
	s.Fail(ErrType, "")
	if text, ok := s.Text(); ok || text != nil {
		t.Errorf("a string is read: %q", text)
	}
}
