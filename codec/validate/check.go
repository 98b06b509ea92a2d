package validate

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xraph/dispatch/codec"

	"github.com/xraph/dispatch/internal/jsonnumber"
)

// Length notes a string of fewer or more characters; -1 is no bound. For generated code.
func (v *Violations) Length(s string, low, high int, path ...any) {
	n := utf8.RuneCountInString(s)
	if n < low {
		v.Add("minLength", "shorter than "+strconv.Itoa(low), path...)
	}
	if high >= 0 && n > high {
		v.Add("maxLength", "longer than "+strconv.Itoa(high), path...)
	}
}

// Count notes fewer or more items, or members; -1 is no bound. For generated code.
func (v *Violations) Count(n, low, high int, what string, path ...any) {
	if n < low {
		v.Add("min"+what, "fewer than "+strconv.Itoa(low), path...)
	}
	if high >= 0 && n > high {
		v.Add("max"+what, "more than "+strconv.Itoa(high), path...)
	}
}

// Match notes a string that a pattern does not match. For generated code.
func (v *Violations) Match(s string, pattern *regexp.Regexp, path ...any) {
	if !pattern.MatchString(s) {
		v.Add("pattern", "does not match "+pattern.String(), path...)
	}
}

// Format notes a string that is not of a format. For generated code.
func (v *Violations) Format(s, format string, path ...any) {
	if !IsFormat(s, format) {
		v.Add("format", "is not a valid "+format, path...)
	}
}

// Multiple notes a number that is not a multiple of another, given as its literal:
// neither what the float is nor what it is written as. For generated code.
func (v *Violations) Multiple(f float64, of string, path ...any) {
	d, ok := new(big.Rat).SetString(of)
	if !ok || d.Sign() == 0 {
		return
	}
	exact := new(big.Rat)
	written, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	for _, n := range []*big.Rat{exact.SetFloat64(f), written} {
		if n != nil && new(big.Rat).Quo(n, d).IsInt() {
			return
		}
	}
	v.Add("multipleOf", "is not a multiple of "+of, path...)
}

// Unique notes items that are equal as JSON. What has no JSON is left to the encoder.
// For generated code.
func (v *Violations) Unique(n int, item func(i int) ([]byte, error), path ...any) {
	seen := make(map[string]int, n)
	for i := range n {
		text, err := item(i)
		if err != nil {
			return
		}
		key, err := canonical(text)
		if err != nil {
			return
		}
		if first, twice := seen[key]; twice {
			v.Add("uniqueItems", "is equal to item "+strconv.Itoa(first), append(slices.Clone(path), i)...)
			continue
		}
		seen[key] = i
	}
}

// canonical is a JSON text that equal values have in common.
func canonical(text []byte) (string, error) {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return "", err
	}
	return canonicalValue(value), nil
}

// canonicalValue is a text that equal values have in common.
func canonicalValue(value any) string {
	var b strings.Builder
	writeCanonical(&b, value)
	return b.String()
}

func writeCanonical(b *strings.Builder, value any) {
	switch value := value.(type) {
	case json.Number:
		b.WriteString(jsonnumber.Canonical(string(value)))
	case string:
		b.WriteString(strconv.Quote(value))
	case []any:
		b.WriteByte('[')
		for _, item := range value {
			writeCanonical(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for name, member := range Ordered(value) {
			b.WriteString(strconv.Quote(name))
			writeCanonical(b, member)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	default:
		fmt.Fprint(b, value)
	}
}

// Ordered goes through a map in the order of its keys. For generated code.
func Ordered[T any](m map[string]T) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// Items are the texts of an array's items. For generated code.
func Items(text []byte) ([][]byte, error) {
	var out [][]byte
	s := codec.NewScanner(text)
	for s.Array(); s.Element(); {
		out = append(out, s.Raw())
	}
	return out, s.End()
}
