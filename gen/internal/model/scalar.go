package model

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonnumber"
)

// sized are the integer types with the ranges that name them.
var sized = []struct {
	format   string
	bits     int
	unsigned bool
	min, max string
}{
	{"uint8", 8, true, "0", "255"},
	{"uint16", 16, true, "0", "65535"},
	{"uint32", 32, true, "0", "4294967295"},
	{"uint64", 64, true, "0", "18446744073709551615"},
	{"int8", 8, false, "-128", "127"},
	{"int16", 16, false, "-32768", "32767"},
	{"int32", 32, false, "-2147483648", "2147483647"},
	{"int64", 64, false, "-9223372036854775808", "9223372036854775807"},
}

func (b *builder) integer(c *conjunction) *Type {
	t := &Type{Kind: Int}
	b.bounds(c, &t.Checks)
	for _, a := range c.atoms {
		if a.Ext.Unit != nil {
			t.Kind, t.Unit, t.Bits = Duration, a.Ext.Unit.Text, 64
		}
	}
	if t.Kind == Duration {
		return t
	}
	format := c.closest(func(s *parse.Schema) string { return s.Format })
	for _, size := range sized {
		exact := t.Checks.Min != nil && t.Checks.Max != nil && !t.Checks.Min.Exclusive && !t.Checks.Max.Exclusive &&
			jsonnumber.Equal(t.Checks.Min.Number, size.min) && jsonnumber.Equal(t.Checks.Max.Number, size.max)
		if format == size.format || format == "" && exact {
			t.Bits, t.Unsigned = size.bits, size.unsigned
			b.withinRange(&t.Checks, size.min, size.max)
			return t
		}
	}
	if low, high := "-9223372036854775808", "9223372036854775807"; t.Checks.Max != nil && jsonnumber.Compare(t.Checks.Max.Number, high) > 0 {
		t.Bits = 64
		if t.Checks.Min != nil && jsonnumber.Compare(t.Checks.Min.Number, "0") >= 0 {
			low, high, t.Unsigned = "0", "18446744073709551615", true
		}
		if jsonnumber.Compare(t.Checks.Max.Number, high) > 0 || !t.Unsigned {
			b.warnings.Add(c.at.Value, "give it a maximum that a Go integer has", "the Go type holds values up to %s, and those up to %s are refused", high, t.Checks.Max.Number)
		}
		b.withinRange(&t.Checks, low, high)
	}
	return t
}

// withinRange drops the bounds that the Go type holds anyway.
func (b *builder) withinRange(checks *Checks, low, high string) {
	if checks.Min != nil && !checks.Min.Exclusive && jsonnumber.Compare(checks.Min.Number, low) <= 0 {
		checks.Min = nil
	}
	if checks.Max != nil && !checks.Max.Exclusive && jsonnumber.Compare(checks.Max.Number, high) >= 0 {
		checks.Max = nil
	}
}

func (b *builder) float(c *conjunction) *Type {
	t := &Type{Kind: Float}
	b.bounds(c, &t.Checks)
	return t
}

// isFloat reports whether a number is one that a float64 holds, if not exactly.
func isFloat(v *source.Value) bool {
	_, err := strconv.ParseFloat(v.Text, 64)
	return err == nil
}

// bounds takes the narrowest bounds of a conjunction.
func (b *builder) bounds(c *conjunction, checks *Checks) {
	for _, a := range c.atoms {
		for _, v := range []*source.Value{a.Minimum, a.ExclusiveMinimum, a.Maximum, a.ExclusiveMaximum, a.MultipleOf} {
			if v != nil && !isFloat(v) {
				b.problems.Add(v, "use a number that 64 bits hold", "%s is %s, which no Go number holds", v.Token(), v.Text)
			}
		}
		narrow(&checks.Min, a.Minimum, false, 1)
		narrow(&checks.Min, a.ExclusiveMinimum, true, 1)
		narrow(&checks.Max, a.Maximum, false, -1)
		narrow(&checks.Max, a.ExclusiveMaximum, true, -1)
		if a.MultipleOf == nil {
			continue
		}
		if checks.MultipleOf != "" && checks.MultipleOf != a.MultipleOf.Text {
			c.demands.assert(&parse.Schema{Value: a.Value, MultipleOf: a.MultipleOf})
			continue
		}
		checks.MultipleOf = a.MultipleOf.Text
	}
	if checks.Min != nil && checks.Max != nil {
		order := jsonnumber.Compare(checks.Min.Number, checks.Max.Number)
		if order > 0 || order == 0 && (checks.Min.Exclusive || checks.Max.Exclusive) {
			b.problems.Add(c.at.Value, "make the upper bound the larger one", "no number is between %s and %s", checks.Min.Number, checks.Max.Number)
		}
	}
}

func narrow(bound **Bound, v *source.Value, exclusive bool, sign int) {
	if v == nil {
		return
	}
	if *bound != nil {
		order := jsonnumber.Compare(v.Text, (*bound).Number) * sign
		if order < 0 || order == 0 && !exclusive {
			return
		}
	}
	*bound = &Bound{v.Text, exclusive}
}

// number is the value of a literal, 0 if its exponent is extreme.
func number(literal string) *big.Rat {
	if r, ok := jsonnumber.Rat(literal); ok {
		return r
	}
	return new(big.Rat)
}

// formats are those that Validate checks in strings.
var formats = map[string]bool{
	"date": true, "time": true, "duration": true, "uuid": true, "uri": true, "uri-reference": true, "ipv4": true, "ipv6": true,
	"email": true, "hostname": true, "json-pointer": true, "relative-json-pointer": true,
}

func (b *builder) text(c *conjunction) *Type {
	t := &Type{Kind: String}
	for _, a := range c.atoms {
		atLeast(&t.Checks.MinLength, a.MinLength)
		atMost(&t.Checks.MaxLength, a.MaxLength)
		if a.Pattern != nil {
			pattern := re2(a.Pattern.Text)
			if t.Checks.Pattern != "" && t.Checks.Pattern != pattern {
				c.demands.assert(&parse.Schema{Value: a.Value, Pattern: a.Pattern})
			} else {
				t.Checks.Pattern = pattern
			}
		}
		b.format(a, t)
	}
	if t.Kind != String && (t.Checks.MinLength != nil || t.Checks.MaxLength != nil || t.Checks.Pattern != "") {
		b.warnings.Add(c.at.Value, "remove them, and the type is time.Time or []byte",
			"the value is a string and is not decoded, because minLength, maxLength or pattern hold for its text")
		t.Checks.Format = map[Kind]string{Time: "date-time", Bytes: "base64"}[t.Kind]
		t.Kind = String
	}
	if t.Checks.MinLength != nil && t.Checks.MaxLength != nil && *t.Checks.MinLength > *t.Checks.MaxLength {
		b.problems.Add(c.at.Value, "make maxLength the larger one", "no string has at least %d and at most %d characters", *t.Checks.MinLength, *t.Checks.MaxLength)
	}
	return t
}

// re2 is a pattern as RE2 writes it. The parser has refused those that RE2 does not know.
func re2(pattern string) string {
	out, err := parse.RE2(pattern)
	if err != nil {
		return pattern
	}
	return out
}

// format applies what a schema says of the form of a string.
func (b *builder) format(a *parse.Schema, t *Type) {
	switch {
	case b.doc.Annotate:
	case a.ContentEncoding == "base64" || a.Format == "byte":
		t.Kind = Bytes
	case a.ContentEncoding != "":
		b.problems.Add(a.Keyword("contentEncoding"), "use base64", "the encoding %s is not supported", source.Quote(a.ContentEncoding))
	case a.Format == "date-time":
		t.Kind = Time
	case formats[a.Format]:
		t.Checks.Format = a.Format
	case a.Format != "":
		known := slices.Sorted(maps.Keys(formats))
		b.warnings.Add(a.Keyword("format"), "formats that are checked are date-time, "+strings.Join(known, ", "), "the format %s is not known and not checked", source.Quote(a.Format))
	}
}

func atLeast(bound **int, n *parse.Count) {
	if n != nil && (*bound == nil || **bound < n.N) {
		*bound = &n.N
	}
}

func atMost(bound **int, n *parse.Count) {
	if n != nil && (*bound == nil || **bound > n.N) {
		*bound = &n.N
	}
}
