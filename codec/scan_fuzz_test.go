package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		// of numbers
		agree(t, data, ScanBytes[[]byte], func(text string) bool { return strings.Contains(text, "[") })
		agree(t, data, ScanRaw, nil)
		want, isNumber := rational(data)
		if !isNumber {
			agree(t, data, ScanInt[int64], nil)
			agree(t, data, ScanInt[int8], nil)
			agree(t, data, ScanUint[uint64], nil)
			agree(t, data, ScanUint[uint16], nil)
		}
		if want == nil {
			return
		}
		integers(t, data, want, ScanInt[int64], 63, true, big.NewInt)
		integers(t, data, want, ScanInt[int8], 7, true, func(v int8) *big.Int { return big.NewInt(int64(v)) })
		integers(t, data, want, ScanUint[uint64], 64, false, func(v uint64) *big.Int { return new(big.Int).SetUint64(v) })
		integers(t, data, want, ScanUint[uint16], 16, false, func(v uint16) *big.Int { return new(big.Int).SetUint64(uint64(v)) })
	})
}

// rational returns the value of a number, nil if big.Rat would take long for it.
func rational(data []byte) (n *big.Rat, ok bool) {
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
	case KindObject:
		s.Object()
		for s.Member() {
			walk(s)
		}
	case KindArray:
		s.Array()
		for s.Element() {
			walk(s)
		}
	case KindString:
		s.Text()
	case KindBool:
		var v bool
		ScanBool(s, &v)
	case KindNull:
		s.Null()
	default:
		s.Skip()
	}
}
