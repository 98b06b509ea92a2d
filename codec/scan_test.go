package codec

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// scan reads a document as one value of type T.
func scan[T any](text string, read func(*Scanner, *T)) (v T, err error) {
	s := NewScanner([]byte(text))
	read(&s, &v)
	return v, s.End()
}

func TestIntegersMayBeWrittenWithFractionsAndExponents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "0.000": 0, "0e999999999999999999": 0, "-0.0e-5": 0,
		"1.0": 1, "1e2": 100, "1E+2": 100, "-120e-1": -12, "1.25e2": 125, "0.5e1": 5,
		"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
		"9223372036854775807.000": math.MaxInt64, "-9.223372036854775808e18": math.MinInt64,
		"1000000000000000000000e-3": 1e18,
	} {
		if got, err := scan(text, ScanInt[int64]); err != nil || got != want {
			t.Errorf("%s reads as %d, %v, want %d", text, got, err, want)
		}
	}
	for text, kind := range map[string]error{
		"1.5": ErrType, "1e-1": ErrType, "0.1": ErrType, "1e-99999999999": ErrType, "12345678901234567890.5": ErrType,
		"9223372036854775808": ErrRange, "-9223372036854775809": ErrRange, "1e19": ErrRange, "1e99999999999": ErrRange,
		"99999999999999999999999999": ErrRange, `"1"`: ErrType, "true": ErrType, "[1]": ErrType, "{}": ErrType,
		"01": ErrSyntax, "1.": ErrSyntax, ".5": ErrSyntax, "+1": ErrSyntax, "1e": ErrSyntax, "1e+": ErrSyntax, "--1": ErrSyntax, "0x1": ErrSyntax, "": ErrSyntax, "-": ErrSyntax,
	} {
		if got, err := scan(text, ScanInt[int64]); !errors.Is(err, kind) {
			t.Errorf("%s reads as %d, %v, want %v", text, got, err, kind)
		}
	}
}

func TestIntegersThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	refused := func(text string, err error) {
		t.Helper()
		if !errors.Is(err, ErrRange) {
			t.Errorf("%s: %v, want ErrRange", text, err)
		}
	}
	_, err := scan("128", ScanInt[int8])
	refused("int8 128", err)
	_, err = scan("-32769", ScanInt[int16])
	refused("int16 -32769", err)
	_, err = scan("2147483648", ScanInt[int32])
	refused("int32 2147483648", err)
	_, err = scan("256", ScanUint[uint8])
	refused("uint8 256", err)
	_, err = scan("-1", ScanUint[uint64])
	refused("uint64 -1", err)
	_, err = scan("18446744073709551616", ScanUint[uint64])
	refused("uint64 18446744073709551616", err)
	_, err = scan("1e400", ScanFloat[float64])
	refused("float64 1e400", err)
	_, err = scan("1e39", ScanFloat[float32])
	refused("float32 1e39", err)
	if v, err := scan("18446744073709551615", ScanUint[uint64]); err != nil || v != math.MaxUint64 {
		t.Errorf("the largest uint64 reads as %d, %v", v, err)
	}
	if v, err := scan("-0", ScanUint[uint8]); err != nil || v != 0 {
		t.Errorf("-0 reads as %d, %v", v, err)
	}
}

func TestNullLeavesScalarsAndClearsBytes(t *testing.T) {
	t.Parallel()
	v := struct {
		s string
		i int
		u uint
		f float64
		b bool
		t time.Time
		d []byte
		a any
	}{"s", 1, 2, 3, true, time.Unix(1, 0), []byte("d"), 4}
	s := NewScanner([]byte(`[null,null,null,null,null,null,null,null]`))
	s.Array()
	for i := 0; s.Element(); i++ {
		[]func(){
			func() { ScanString(&s, &v.s) }, func() { ScanInt(&s, &v.i) }, func() { ScanUint(&s, &v.u) }, func() { ScanFloat(&s, &v.f) },
			func() { ScanBool(&s, &v.b) }, func() { ScanTime(&s, &v.t) }, func() { ScanBytes(&s, &v.d) }, func() { ScanAny(&s, &v.a) },
		}[i]()
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	if v.s != "s" || v.i != 1 || v.u != 2 || v.f != 3 || !v.b || !v.t.Equal(time.Unix(1, 0)) || v.d != nil || !cmp.Equal(v.a, any(json.RawMessage("null"))) {
		t.Errorf("null made it %+v", v)
	}
}

func TestErrorsPointAtTheValue(t *testing.T) {
	t.Parallel()
	type point struct {
		Kind    error
		Pointer string
		Offset  int
	}
	read := func(s *Scanner) {
		s.Object()
		for s.Member() {
			switch string(s.Key()) {
			case "list":
				s.Array()
				for s.Element() {
					var n int8
					ScanInt(s, &n)
				}
			case "a/b~c":
				var v bool
				ScanBool(s, &v)
			case "twice":
				s.Fail(ErrDuplicate, "")
			default:
				s.Skip()
			}
		}
	}
	for text, want := range map[string]point{
		`{"list":[1,2,"3"]}`:           {ErrType, "/list/2", 13},
		`{"list":[1,200]}`:             {ErrRange, "/list/1", 11},
		`{"list":{}}`:                  {ErrType, "/list", 8},
		`{"x":1,"a\/b\u007ec": 0}`:     {ErrType, "/a~1b~0c", 22},
		`{"x":{"y":[{},{"z":tru}]}}`:   {ErrSyntax, "/x/y/1/z", 19},
		`{"x":{"twice":1},"twice":[]}`: {ErrDuplicate, "/twice", 17},
		`{"x":"]},[{\"","list":[[]]}`:  {ErrType, "/list/0", 23},
		`[]`:                           {ErrType, "", 0},
		`{} x`:                         {ErrSyntax, "", 3},
		`{"list":[1 2]}`:               {ErrSyntax, "/list/0", 11},
		`{"list":[1,2`:                 {ErrSyntax, "/list/1", 12},
		`{"x":1,}`:                     {ErrSyntax, "", 7},
	} {
		s := NewScanner([]byte(text))
		read(&s)
		var got *Error
		if err := s.End(); !errors.As(err, &got) {
			t.Errorf("%s: %v, want an *Error", text, err)
			continue
		}
		if diff := cmp.Diff(want, point{got.Kind, got.Pointer, got.Offset}, cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, got, diff)
		}
	}
}

func TestAnErrorEndsTheReading(t *testing.T) {
	t.Parallel()
	s := NewScanner([]byte(`{"a":[1,x,3],"b":2}`))
	members, elements := 0, 0
	s.Object()
	for s.Member() {
		members++
		s.Array()
		for s.Element() {
			elements++
			s.Skip()
		}
	}
	var n int
	ScanInt(&s, &n)
	if members != 1 || elements != 2 || n != 0 || s.Raw() != nil || s.Next() != KindInvalid || s.Object() || s.Null() {
		t.Errorf("after an error there are %d members, %d elements, n = %d", members, elements, n)
	}
	if !errors.Is(s.Err(), ErrSyntax) || s.End() != s.Err() {
		t.Errorf("errors %v and %v, want the first one", s.Err(), s.End())
	}
}

func TestStringsStayValidUntilReset(t *testing.T) {
	t.Parallel()
	s := NewScanner([]byte(`["\u0061bc","plain","d\u00e9f","\n"]`))
	var got []string
	var kept [][]byte
	s.Array()
	for s.Element() {
		b, _ := s.Text()
		kept = append(kept, b)
	}
	for _, b := range kept {
		got = append(got, string(b))
	}
	if diff := cmp.Diff([]string{"abc", "plain", "déf", "\n"}, got); diff != "" || s.End() != nil {
		t.Errorf("%v (-want +got):\n%s", s.End(), diff)
	}
	s.Reset([]byte(`1`))
	if v := s.Raw(); string(v) != "1" || s.End() != nil {
		t.Errorf("after Reset it reads %q, %v", v, s.End())
	}
}

func TestDocumentsAreLimitedInDepth(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat(`[`, n) + strings.Repeat(`]`, n) }
	if _, err := scan(deep(MaxDepth), ScanRaw); err != nil {
		t.Error(err)
	}
	if _, err := scan(deep(MaxDepth+1), ScanRaw); !errors.Is(err, ErrDepth) {
		t.Errorf("%v, want ErrDepth", err)
	}
	s := NewScanner([]byte(strings.Repeat(`{"a":`, 1<<20)))
	n := 0
	for s.Object() && s.Member() {
		n++
	}
	if err := s.End(); n != MaxDepth || !errors.Is(err, ErrDepth) {
		t.Errorf("%d objects deep: %v", n, err)
	}
	// Closed containers do not count.
	if _, err := scan(`[`+strings.Repeat(`[{}],`, 2*MaxDepth)+`1]`, ScanRaw); err != nil {
		t.Error(err)
	}
}
