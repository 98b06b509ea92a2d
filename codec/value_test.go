package codec

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConstantsAreComparedByValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		constant, text string
		want           error
	}{
		{`"a"`, `"a"`, nil},
		{`"a"`, `"\u0061"`, nil},
		{`"a"`, `"b"`, ErrValue},
		{`"a"`, `null`, ErrValue},
		{`1`, `1.0`, nil},
		{`100`, `1e2`, nil},
		{`1.50`, `15e-1`, nil},
		{`0`, `-0.0e9`, nil},
		{`1`, `-1`, ErrValue},
		{`1`, `10`, ErrValue},
		{`1`, `true`, ErrValue},
		{`true`, `true`, nil},
		{`true`, `false`, ErrValue},
		{`null`, `null`, nil},
		{`null`, `{}`, ErrValue},
		{`null`, `{]`, ErrSyntax},
		{`1`, `1x`, ErrSyntax},
	}
	for _, test := range tests {
		s := NewScanner([]byte(test.text))
		ScanConst(&s, test.constant)
		if err := s.End(); !errors.Is(err, test.want) {
			t.Errorf("%s as the constant %s: %v, want %v", test.text, test.constant, err, test.want)
		}
	}
}

func TestDurationsAreWholeUnits(t *testing.T) {
	t.Parallel()
	if got, err := AppendDuration(nil, 1500*time.Millisecond, time.Millisecond); err != nil || string(got) != "1500" {
		t.Errorf("1.5s in ms is %s, %v", got, err)
	}
	if _, err := AppendDuration(nil, 1500*time.Millisecond, time.Second); !errors.Is(err, ErrValue) {
		t.Errorf("1.5s in s: %v, want ErrValue", err)
	}
	read := func(s *Scanner, d *time.Duration) { ScanDuration(s, d, time.Second) }
	if got, err := scan("2.0", read); err != nil || got != 2*time.Second {
		t.Errorf("2.0 reads as %v, %v", got, err)
	}
	if _, err := scan("9223372037", read); !errors.Is(err, ErrRange) {
		t.Errorf("292 years and a second: %v, want ErrRange", err)
	}
	kept := 1500 * time.Millisecond
	s := NewScanner([]byte("[null,1]"))
	s.Array()
	for want := []time.Duration{1500 * time.Millisecond, time.Second}; s.Element(); want = want[1:] {
		if ScanDuration(&s, &kept, time.Second); kept != want[0] {
			t.Errorf("the duration is %v, want %v", kept, want[0])
		}
	}
	if _, err := scan("-9223372036854775808", func(s *Scanner, d *time.Duration) { ScanDuration(s, d, 1) }); err != nil {
		t.Errorf("%d ns: %v", int64(math.MinInt64), err)
	}
}

func TestNullIsRefusedOnlyWhereAsked(t *testing.T) {
	t.Parallel()
	readers := map[string]func(*Scanner){
		"string":  func(s *Scanner) { ScanString(s, new(string)) },
		"bool":    func(s *Scanner) { ScanBool(s, new(bool)) },
		"int":     func(s *Scanner) { ScanInt(s, new(int)) },
		"float":   func(s *Scanner) { ScanFloat(s, new(float64)) },
		"time":    func(s *Scanner) { ScanTime(s, new(time.Time)) },
		"bytes":   func(s *Scanner) { ScanBytes(s, new([]byte)) },
		"list":    func(s *Scanner) { ScanList(s, new([]int), ScanInt[int]) },
		"map":     func(s *Scanner) { ScanMap(s, new(map[string]int), ScanInt[int]) },
		"object":  func(s *Scanner) { s.Object() },
		"array":   func(s *Scanner) { s.Array() },
		"seconds": func(s *Scanner) { ScanDuration(s, new(time.Duration), time.Second) },
	}
	for name, read := range readers {
		for _, strict := range []bool{false, true} {
			s := NewScanner([]byte("null"))
			if strict {
				s.RefuseNull()
			}
			read(&s)
			if err := s.End(); errors.Is(err, ErrType) != strict || err != nil && !strict {
				t.Errorf("%s, strict %v: %v", name, strict, err)
			}
		}
	}
	s := NewScanner([]byte(`[null,null,null]`))
	s.RefuseNull()
	s.Array()
	s.Element()
	ScanPointer(&s, new(*int), ScanInt[int])
	s.Element()
	ScanOptional(&s, new(Optional[int]), ScanInt[int])
	s.Element()
	s.Skip()
	s.Element()
	if err := s.End(); err != nil {
		t.Errorf("null is refused where it may be: %v", err)
	}
}

func TestMembersOfNoFieldAreKept(t *testing.T) {
	t.Parallel()
	var kept map[string]int
	s := NewScanner([]byte(`{"b":1,"a":2,"b":3}`))
	s.Object()
	for s.Member() {
		ScanMember(&s, &kept, ScanInt[int])
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 3}, kept); diff != "" || s.End() != nil {
		t.Errorf("%v (-want +got):\n%s", s.Err(), diff)
	}
	out, err := AppendMembers([]byte(`{"x":0`), kept, appendInt)
	if err != nil || string(out) != `{"x":0,"a":2,"b":3` {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestWhatIsMissingIsMissingInTheObject(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`{"a":[{"b":1}]}`: "/a/0", `{"a":[{} ]}`: "/a/0"} {
		s := NewScanner([]byte(text))
		s.Object()
		s.Member()
		s.Array()
		s.Element()
		s.Object()
		for s.Member() {
			s.Skip()
		}
		s.Missing("c")
		var e *Error
		if !errors.As(s.End(), &e) || e.Kind != ErrMissing || e.Pointer != want {
			t.Errorf("%s: %v, want it to point at %s", text, s.Err(), want)
		}
	}
}
