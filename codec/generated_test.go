package codec

import (
	"encoding/json"
	"errors"
	"testing"
)

// This file tests what only generated code of some schemas calls.

type appender string

func (a *appender) AppendJSON(dst []byte) ([]byte, error) { return AppendString(dst, string(*a)), nil }

func TestInterfacesAreNullForNil(t *testing.T) {
	t.Parallel()
	a := appender("x")
	for want, v := range map[string]*appender{"null": nil, `"x"`: &a} {
		if got, err := AppendInterface(nil, v, AppendValue[appender]); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	scan := func(s *Scanner, dst **string) { ScanPointer(s, dst, ScanString[string]) }
	v := new(string)
	s := NewScanner([]byte(`null`))
	if ScanInterface(&s, &v, scan); v != nil || s.End() != nil {
		t.Errorf("null is read as %v, %v", v, s.End())
	}
	s = NewScanner([]byte(`"x"`))
	if ScanInterface(&s, &v, scan); s.End() != nil || v == nil || *v != "x" {
		t.Errorf("%v, %v", v, s.End())
	}
}

func TestNullIsTheOnlyNull(t *testing.T) {
	t.Parallel()
	if b, err := json.Marshal(Null{}); err != nil || string(b) != "null" {
		t.Errorf("%s, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`null`), new(Null)); err != nil {
		t.Error(err)
	}
	if err := new(Null).UnmarshalJSON([]byte(`0`)); !errors.Is(err, ErrValue) {
		t.Errorf("0: %v", err)
	}
}

func TestClosedEnumsRefuseOtherValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{`"a"`: nil, `null`: nil, `"c"`: ErrValue, `1`: ErrType} {
		v := "b"
		s := NewScanner([]byte(text))
		ScanEnum(&s, &v, "a", "b")
		if err := s.End(); !errors.Is(err, want) || text == `"a"` && v != "a" || text != `"a"` && v != "b" {
			t.Errorf("%s: %q, %v; want %v", text, v, err, want)
		}
	}
	for text, want := range map[string]error{`1`: nil, `3`: ErrValue, `"1"`: ErrType} {
		v := 2
		s := NewScanner([]byte(text))
		ScanIntEnum(&s, &v, 1, 2)
		if err := s.End(); !errors.Is(err, want) || err == nil && v != 1 {
			t.Errorf("%s: %d, %v; want %v", text, v, err, want)
		}
	}
}

// scanned reads itself.
type scanned string

func (v *scanned) ScanJSON(s *Scanner) { ScanString(s, v) }

func TestNewValuesReadThemselvesAndNullMakesThemNil(t *testing.T) {
	t.Parallel()
	var v *scanned
	s := NewScanner([]byte(`"x"`))
	if ScanNew(&s, &v); v == nil || *v != "x" || s.End() != nil {
		t.Errorf("read as %v, %v", v, s.End())
	}
	s = NewScanner([]byte(`null`))
	if ScanNew(&s, &v); v != nil || s.End() != nil {
		t.Errorf("null is read as %v, %v", v, s.End())
	}
}
