package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
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
	if members != 1 || elements != 2 || n != 0 || s.Raw() != nil || s.Next() != Invalid || s.Object() || s.Null() {
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

// FuzzScan compares every reader with encoding/json.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		`null`, `true`, `"x"`, `"\ud83d\ude00\ud83d\u0041\udc00"`, "\"\xff\xc3\x28\"", `"\u2028<>&\b\f"`, `-0`, `1.5e300`, `1e400`, `123456789012345678901234567890`,
		`[1,[],{"a":{}}]`, `{"a":1,"a":2}`, "[1\n,\t2 ]", `"2026-11-23T14:29:33.835453486Z"`, `"2026-11-23T14:29:33+24:00"`, `"aGVsbG8="`, `"aGVs\nbG8="`, `"2026-02-29T00:00:00Z"`,
		"[" + strings.Repeat("[", 600), `1e-400`, `0.1e1`, `-1`, `256`, `3.4028236e38`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > MaxDepth {
			return
		}
		agree(t, data, ScanString[string], nil)
		agree(t, data, ScanBool[bool], nil)
		agree(t, data, ScanFloat[float64], nil)
		agree(t, data, ScanFloat[float32], nil)
		agree(t, data, ScanTime, func(text string) bool { return strings.Contains(text, `\`) })
		agree(t, data, ScanBytes[[]byte], func(text string) bool { return strings.Contains(text, "[") }) // of numbers
		agree(t, data, ScanRaw, nil)
		want, isNumber := number(data)
		if !isNumber {
			agree(t, data, ScanInt[int64], nil)
			agree(t, data, ScanInt[int8], nil)
			agree(t, data, ScanUint[uint64], nil)
			agree(t, data, ScanUint[uint16], nil)
		}
		if want == nil {
			return
		}
		integers(t, data, want, ScanInt[int64], 63, true, func(v int64) *big.Int { return big.NewInt(v) })
		integers(t, data, want, ScanInt[int8], 7, true, func(v int8) *big.Int { return big.NewInt(int64(v)) })
		integers(t, data, want, ScanUint[uint64], 64, false, func(v uint64) *big.Int { return new(big.Int).SetUint64(v) })
		integers(t, data, want, ScanUint[uint16], 16, false, func(v uint16) *big.Int { return new(big.Int).SetUint64(uint64(v)) })
	})
}

// number returns what a number says, nil if big.Rat would take long for it.
func number(data []byte) (n *big.Rat, ok bool) {
	text := strings.Trim(string(data), " \t\r\n")
	if !json.Valid(data) || !strings.ContainsAny(text[:1], "-0123456789") {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(exponent) > 4 {
		return nil, true
	}
	n, _ = new(big.Rat).SetString(text)
	return n, true
}

// agree fails unless read gives for a document what json.Unmarshal gives.
func agree[T any](t *testing.T, data []byte, read func(*Scanner, *T), except func(string) bool) {
	t.Helper()
	if except != nil && except(string(data)) {
		return
	}
	var want T
	wantErr := json.Unmarshal(data, &want)
	got, gotErr := scan(string(data), read)
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%q as %T:\nencoding/json: %v\nScanner:       %v", data, want, wantErr, gotErr)
	}
	if diff := cmp.Diff(want, got); wantErr == nil && diff != "" {
		t.Fatalf("%q as %T (-encoding/json +Scanner):\n%s", data, want, diff)
	}
}

// integers fails unless read accepts exactly the integers that fit.
func integers[T any](t *testing.T, data []byte, want *big.Rat, read func(*Scanner, *T), size uint, signed bool, value func(T) *big.Int) {
	t.Helper()
	high := new(big.Int).Lsh(big.NewInt(1), size)
	low := new(big.Int)
	if signed {
		low.Neg(high)
	}
	fits := want.IsInt() && want.Num().Cmp(low) >= 0 && want.Num().Cmp(high) < 0
	got, err := scan(string(data), read)
	if fits != (err == nil) || fits && value(got).Cmp(want.Num()) != 0 {
		t.Fatalf("%q as %T: %v, %v", data, got, got, err)
	}
}

// FuzzSkip compares what is taken for valid with encoding/json.
func FuzzSkip(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e-7,true,false,null,"\u00e9"],"b":{}}`, `[}`, `{]`, `{"a":1,}`, `[1,]`, `{,}`, "\"\t\"", `tru`, `"\`, `"\u12`, `1 2`, "\x00", "[\x00]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewScanner(data)
		raw := s.Raw()
		err := s.End()
		if errors.Is(err, ErrDepth) {
			return
		}
		if valid := json.Valid(data); valid != (err == nil) {
			t.Fatalf("%q: valid %v, Scanner: %v", data, valid, err)
		}
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(data) {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		if want := strings.Trim(string(data), " \t\r\n"); string(raw) != want {
			t.Fatalf("%q: Raw gives %q", data, raw)
		}
		// Reading value by value takes the same documents for valid.
		s.Reset(data)
		walk(&s)
		if err := s.End(); err != nil {
			t.Fatalf("%q: skipped as valid, but walked: %v", data, err)
		}
	})
}

// walk reads a value with the methods that generated code uses.
func walk(s *Scanner) {
	switch s.Next() {
	case Object:
		s.Object()
		for s.Member() {
			walk(s)
		}
	case Array:
		s.Array()
		for s.Element() {
			walk(s)
		}
	case String:
		s.Text()
	case Bool:
		var v bool
		ScanBool(s, &v)
	case Null:
		s.Null()
	default:
		s.Skip()
	}
}
