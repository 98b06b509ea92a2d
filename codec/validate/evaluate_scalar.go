package validate

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/xraph/dispatch/internal/jsonnumber"
)

// The keywords about types, values, strings and numbers.

// scalar evaluates the keywords about types, values, strings and numbers.
func (e *evaluation) scalar(s *schema, value any, at *place) bool {
	ok := true
	if s.Type != nil {
		ok = e.demand(slices.ContainsFunc(s.Type, func(t string) bool { return isType(value, t) }), at, "type", "is of another type")
	}
	if s.Enum != nil {
		ok = e.demand(slices.ContainsFunc(s.Enum, func(v any) bool { return same(value, v) }), at, "enum", "is not one of the values") && ok
	}
	switch value := value.(type) {
	case json.Number:
		ok = e.number(s, string(value), at) && ok
	case string:
		ok = e.text(s, value, at) && ok
	}
	return ok
}

func isType(value any, name string) bool {
	switch value := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	case json.Number:
		return name == "number" || name == "integer" && isInteger(string(value))
	}
	return false
}

func isInteger(text string) bool {
	_, power := jsonnumber.Decimal([]byte(text))
	return power >= 0
}

// same reports whether two values are equal: numbers by what they are, objects in any order.
func same(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && jsonnumber.Equal(string(a), string(b))
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, value := range a {
			if other, there := b[name]; !there || !same(value, other) {
				return false
			}
		}
		return true
	}
	return a == b
}

func (e *evaluation) number(s *schema, text string, at *place) bool {
	bound := func(limit json.Number, keyword, words string, within func(order int) bool) bool {
		return limit == "" || e.demand(within(jsonnumber.Compare(text, string(limit))), at, keyword, words+" "+string(limit))
	}
	ok := bound(s.Minimum, "minimum", "below", func(order int) bool { return order >= 0 })
	ok = bound(s.Maximum, "maximum", "above", func(order int) bool { return order <= 0 }) && ok
	ok = bound(s.ExclusiveMinimum, "exclusiveMinimum", "not above", func(order int) bool { return order > 0 }) && ok
	ok = bound(s.ExclusiveMaximum, "exclusiveMaximum", "not below", func(order int) bool { return order < 0 }) && ok
	return ok && (s.MultipleOf == "" || e.demand(isMultiple(text, string(s.MultipleOf)), at, "multipleOf", "is not a multiple of "+string(s.MultipleOf)))
}

// isMultiple reports whether a number is a multiple of another one. One whose exponent is extreme
// is taken for a multiple if it is an integer.
func isMultiple(text, of string) bool {
	n, ok := jsonnumber.Rat(text)
	d, okToo := jsonnumber.Rat(of)
	if !ok || !okToo || d.Sign() == 0 {
		return isInteger(text)
	}
	return new(big.Rat).Quo(n, d).IsInt()
}

func (e *evaluation) text(s *schema, text string, at *place) bool {
	n := utf8.RuneCountInString(text)
	ok := e.count(n, s.MinLength, s.MaxLength, "Length", at)
	if s.pattern != nil {
		ok = e.demand(s.pattern.MatchString(text), at, "pattern", "does not match "+s.pattern.String()) && ok
	}
	if s.Format != "" {
		ok = e.demand(IsFormat(text, s.Format), at, "format", "is not a valid "+s.Format) && ok
	}
	return ok
}

// count compares a length with its bounds.
func (e *evaluation) count(n int, low, high *int, what string, at *place) bool {
	ok := low == nil || e.demand(n >= *low, at, "min"+what, "fewer than "+strconv.Itoa(*low))
	return (high == nil || e.demand(n <= *high, at, "max"+what, "more than "+strconv.Itoa(*high))) && ok
}
