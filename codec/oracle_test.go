package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// The standard library is the oracle of these tests: what this package reads and writes on a path
// of its own has to be the same there.

func TestTimesReadAsInTheStandardLibrary(t *testing.T) {
	t.Parallel()
	check := func(text []byte) {
		t.Helper()
		var want time.Time
		err := want.UnmarshalText(text)
		got, ok := parseTime(text)
		if ok != (err == nil) || ok && (!got.Equal(want) || got.Nanosecond() != want.Nanosecond()) {
			t.Errorf("%q reads as %v, %v, want %v, %v", text, got, ok, want, err)
		}
	}
	times := []string{
		"2006-01-02T15:04:05Z", "2006-12-28T23:59:59.9Z", "2006-10-29T00:00:00.123456789Z", "2000-02-29T10:10:10.5Z",
		"2001-02-29T10:10:10Z", "2006-01-02T15:04:05+01:00", "2006-01-02T15:04:05.000000001-11:59", "9999-01-01T00:00:00Z",
		"0000-01-01T00:00:00.1234567891Z", "2006-01-02T15:04:05.Z", "2006-01-02T15:04:60Z", "2006-01-02T24:00:00Z", "",
		"2006-01-02T15:60:05Z", "2006-13-02T15:04:05Z", "2006-00-02T15:04:05Z", "2006-01-00T15:04:05Z", "2006-01-32T15:04:05Z",
	}
	for _, valid := range times {
		check([]byte(valid))
		for i := range valid {
			for _, c := range []byte("0129-:.,TtZz+ x") {
				changed := []byte(valid)
				changed[i] = c
				check(changed)
			}
			check([]byte(valid[:i]))
			check([]byte(valid[:i] + valid[i+1:]))
			check([]byte(valid[:i] + "0" + valid[i:]))
		}
	}
}

func TestIntegersReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	around := func(text string) {
		middle, _ := new(big.Int).SetString(text, 10)
		for d := int64(-2); d <= 2; d++ {
			n := new(big.Int).Add(middle, big.NewInt(d))
			got, err := scan(n.String(), ScanInt[int64])
			if n.IsInt64() != (err == nil) || err == nil && got != n.Int64() {
				t.Errorf("%s reads as the int64 %d, %v", n, got, err)
			}
			unsigned, err := scan(n.String(), ScanUint[uint64])
			if n.IsUint64() != (err == nil) || err == nil && unsigned != n.Uint64() {
				t.Errorf("%s reads as the uint64 %d, %v", n, unsigned, err)
			}
		}
	}
	for digits := 1; digits <= 21; digits++ {
		power := "1" + strings.Repeat("0", digits-1)
		around(power)
		around("-" + power)
		around(strings.Repeat("7", digits))
	}
	around("9223372036854775807")
	around("-9223372036854775808")
	around("18446744073709551615")
}

func TestRawTextIsWrittenAsInTheStandardLibrary(t *testing.T) {
	t.Parallel()
	values := []string{
		`""`, `"<"`, `">"`, `"&"`, "\"\u2028\"", "\"\u2029\"", "\"\u202a\"", "\"\u2027\"", "\"\u20a8\"", "\"\xe2\"", "\"\xe2\x80\"", `"\""`, `"\\"`, `"\\\""`,
		`{}`, `[]`, `null`, `-1.5e3`, `{"a<b":[1,"x > y",{"\u2028":true}]}`, `"1234567<"`, `"12345678&"`, "\"1234567\u2029\"",
	}
	for _, value := range values {
		for _, form := range []string{"%s", " %s", "%s\n", "[%s]", "[ %s ,%s]", "{\"k\" :\t%s}", `["12345678",%s]`, `["1234567890",%s,"<>"]`} {
			text := strings.ReplaceAll(form, "%s", value)
			want, err := json.Marshal(json.RawMessage(text))
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if got, err := AppendRaw([]byte("x"), []byte(text)); err != nil || string(got) != "x"+string(want) {
				t.Errorf("%q is written as %q, %v, want %q", text, got, err, want)
			}
		}
	}
}

func TestStringsAreWrittenAsInTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, special := range []string{"\x00", "\x1f", " ", "\"", "\\", "<", ">", "&", "=", "?", "'", "\x7f", "ä", "\u2028", "\u2029", "\u202a", "\xff", "\xe2\x80", "😀"} {
		for at := range 18 {
			text := strings.Repeat("a", at) + special + strings.Repeat("b", 17-at) + special
			want, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := AppendString(nil, text); !bytes.Equal(got, want) {
				t.Errorf("%q is written as %s, want %s", text, got, want)
			}
			if got, err := scan(string(want), ScanString[string]); err != nil || got != string([]rune(text)) {
				t.Errorf("%s reads as %q, %v", want, got, err)
			}
		}
	}
}

// TestDepthIsThatOfOpenContainers puts more containers side by side than may be open at once.
func TestDepthIsThatOfOpenContainers(t *testing.T) {
	t.Parallel()
	for _, item := range []string{`[]`, `{}`, `[ ]`, `{ }`, `[1]`, `{"a":1}`, `[[],{}]`, `{"a":{},"b":[]}`} {
		text := "[" + strings.Repeat(item+",", 2*MaxDepth) + item + "]"
		if _, err := scan(text, ScanRaw); err != nil {
			t.Errorf("skip %s, many times: %v", item, err)
		}
		items := 0
		s := NewScanner([]byte(text))
		for s.Array(); s.Element(); items++ {
			read(&s)
		}
		if err := s.End(); err != nil || items != 2*MaxDepth+1 {
			t.Errorf("read %s, many times: %d, %v", item, items, err)
		}
	}
	for _, levels := range []int{MaxDepth, MaxDepth + 1} {
		for _, brackets := range []string{"[]", "{}"} {
			open := map[string]string{"[]": "[", "{}": `{"a":`}[brackets]
			text := strings.Repeat(open, levels-1) + brackets + strings.Repeat(brackets[1:], levels-1)
			skipped := NewScanner([]byte(text))
			skipped.Skip()
			scanned := NewScanner([]byte(text))
			read(&scanned)
			for name, s := range map[string]*Scanner{"skip": &skipped, "read": &scanned} {
				if err := s.End(); (err == nil) != (levels <= MaxDepth) {
					t.Errorf("%s %d levels of %s: %v", name, levels, brackets, err)
				}
			}
		}
	}
}

// read reads a value of containers and numbers member by member.
func read(s *Scanner) {
	switch s.Next() {
	case KindArray:
		for s.Array(); s.Element(); {
			read(s)
		}
	case KindObject:
		for s.Object(); s.Member(); {
			read(s)
		}
	default:
		s.Skip()
	}
}

// TestSyntaxIsThatOfTheStandardLibrary changes, drops and adds each byte of documents.
func TestSyntaxIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	check := func(text string) {
		t.Helper()
		want := json.Valid([]byte(text))
		for name, f := range map[string]func(*Scanner){"skip": (*Scanner).Skip, "read": readAll} {
			s := NewScanner([]byte(text))
			f(&s)
			if err := s.End(); (err == nil) != want {
				t.Errorf("%s %q: %v, want valid %v", name, text, err, want)
			}
		}
	}
	for _, text := range []string{
		`{"a":[1,-2.5e+3,0],"b" : {"c":null},"d":[true,false,"x\n\u00e4"],"e":{},"f":[]}`, `[[],{},"",0]`, ` {"":{"":{"":""}}} `, `"\ud83d\ude00"`,
	} {
		for i := range text {
			check(text[:i])
			check(text[i:])
			check(text[:i] + text[i+1:])
			for _, c := range "{}[],:\"\\ 0-.eEuntf\n\x01" {
				check(text[:i] + string(c) + text[i:])
				check(text[:i] + string(c) + text[i+1:])
			}
		}
	}
}

// readAll reads a value of any kind with the methods that generated code calls.
func readAll(s *Scanner) {
	switch s.Next() {
	case KindArray:
		for s.Array(); s.Element(); {
			readAll(s)
		}
	case KindObject:
		for s.Object(); s.Member(); {
			readAll(s)
		}
	case KindString:
		var v string
		ScanString(s, &v)
	case KindNumber:
		var v json.RawMessage
		ScanRaw(s, &v)
	case KindBool:
		var v bool
		ScanBool(s, &v)
	case KindNull:
		s.Null()
	default:
		s.Fail(ErrSyntax, fmt.Sprintf("no value at %d", s.pos))
	}
}
