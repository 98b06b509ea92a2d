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
	m := meaning{said: saidOf(c.compiled, c.document)}
	if same, where := m.equal(c.document, again, ""); !same {
		return "it differs at " + where
	}
	return ""
}

// meaning says which documents mean the same.
type meaning struct {
	// exact documents have the same members; otherwise those of the first may be missing in the
	// second that no schema describes, because types drop them.
	exact bool
	said
}

// mayLack reports whether a type may leave a member of the first document out.
func (m meaning) mayLack(at string, value any) bool {
	return !m.exact && !m.described[at] || m.zero[at] && isZero(value)
}

// isZero reports whether a value is the zero value of a scalar Go type.
func isZero(v any) bool {
	n, ok := v.(json.Number)
	return v == false || v == "" || v == "0001-01-01T00:00:00Z" || ok && jsonnumber.Equal(string(n), "0")
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
// instant.
func (m meaning) equal(a, b any, at string) (same bool, where string) {
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
			if !there && m.mayLack(at+"/"+name, a[name]) {
				continue
			}
			if !there {
				return false, at + "/" + name
			}
			if same, where := m.equal(a[name], value, at+"/"+name); !same {
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
			if same, where := m.equal(a[i], b[i], fmt.Sprint(at, "/", i)); !same {
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
