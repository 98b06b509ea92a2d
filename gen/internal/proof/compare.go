package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xraph/dispatch/internal/jsonnumber"
)

// survives says what a document lost or gained by being read and written, "" if nothing.
func survives(c *testCase, written string) string {
	again := decoded(written)
	if err := c.compiled.Validate(again); err != nil && !imprecise(c.document) {
		return "it is not valid: " + lastLine(err)
	}
	if same, where := equal(c.document, again, c.exact, ""); !same {
		return "it differs at " + where
	}
	return ""
}

// decoded reads JSON with its numbers as they are written.
func decoded(text string) any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	return v
}

// equal reports whether two documents mean the same, and where not: numbers by value, times by the
// instant. If it is not exact, members of the first may be missing in the second, because types
// drop members that their schema does not name.
func equal(a, b any, exact bool, at string) (same bool, where string) {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return false, at
		}
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if _, there := a[name]; !there {
				return false, at + "/" + name
			}
		}
		for _, name := range slices.Sorted(maps.Keys(a)) {
			value, there := b[name]
			if !there && !exact {
				continue
			}
			if !there {
				return false, at + "/" + name
			}
			if same, where := equal(a[name], value, exact, at+"/"+name); !same {
				return false, where
			}
		}
		return true, ""
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false, at
		}
		for i := range a {
			if same, where := equal(a[i], b[i], exact, fmt.Sprint(at, "/", i)); !same {
				return false, where
			}
		}
		return true, ""
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a, b), at
	case string:
		b, ok := b.(string)
		return ok && (a == b || sameTime(a, b) || sameBytes(a, b)), at
	}
	return a == b, at
}

// sameNumber reports whether two numbers are equal, exactly or as a float64.
func sameNumber(a, b json.Number) bool {
	if jsonnumber.Equal(string(a), string(b)) {
		return true
	}
	f, err := a.Float64()
	g, errToo := b.Float64()
	return err == nil && errToo == nil && f == g
}

// sameBytes tells that two spellings of base64 differ in bits that have no meaning.
func sameBytes(a, b string) bool {
	x, err := base64.StdEncoding.DecodeString(a)
	y, errToo := base64.StdEncoding.DecodeString(b)
	return err == nil && errToo == nil && bytes.Equal(x, y)
}

// imprecise reports whether a document has a number that its Go type rounds or does
// not hold: beyond 64 bits, or with more digits than a float64 has.
func imprecise(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if imprecise(member) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, imprecise)
	case json.Number:
		f, err := v.Float64()
		digits := strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(string(v)), "0")
		return err != nil || math.Abs(f) >= 1<<63 || len(digits) > 15
	}
	return false
}

func sameTime(a, b string) bool {
	x, err := time.Parse(time.RFC3339Nano, a)
	y, errToo := time.Parse(time.RFC3339Nano, b)
	return err == nil && errToo == nil && x.Equal(y)
}
