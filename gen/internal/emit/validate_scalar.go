package emit

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// The checks of texts and numbers.

func bounds(low, high *int) (int, int) {
	l, h := 0, -1
	if low != nil {
		l = *low
	}
	if high != nil {
		h = *high
	}
	return l, h
}

func (w *validator) text(c *model.Checks, value string, path []string) {
	if low, high := bounds(c.MinLength, c.MaxLength); low > 0 || high >= 0 {
		w.printf("v.Length(%s, %d, %d%s)\n", value, low, high, pathArgs(path))
	}
	if c.Pattern != "" {
		w.printf("v.Match(%s, %s%s)\n", value, w.pattern(c.Pattern), pathArgs(path))
	}
	if c.Format != "" {
		w.printf("v.Format(%s, %q%s)\n", value, c.Format, pathArgs(path))
	}
}

// pattern is the variable that holds a compiled pattern.
func (w *validator) pattern(text string) string {
	name := "pattern" + w.name
	for n := 1; w.p.patterns[name]; n++ {
		name = "pattern" + w.name + "N" + strconv.Itoa(n)
	}
	w.p.patterns[name] = true
	w.patterns = append(w.patterns, fmt.Sprintf("\nvar %s = regexp.MustCompile(%q)\n", name, text))
	return name
}

// beyond says of the wrong side of a bound that the bound itself is on it.
var beyond = map[string]string{"below": "not above", "above": "not below"}

func (w *validator) integer(t *model.Type, value string, path []string) {
	c := &t.Checks
	compare := func(bound *model.Bound, op, keyword, words string, up bool) {
		if bound == nil {
			return
		}
		n, ok := wholeBound(bound, up)
		if !ok || t.Unsigned && n.Sign() < 0 || t.Unsigned && n.Sign() == 0 && op == "<" || !fits(n, t) {
			return
		}
		if bound.Exclusive {
			keyword, words = "exclusive"+strings.ToUpper(keyword[:1])+keyword[1:], beyond[words]
		}
		w.printf("if %s %s %s {\nv.Add(%q, %q%s)\n}\n", value, op, n, keyword, words+" "+bound.Number, pathArgs(path))
	}
	compare(c.Min, "<", "minimum", "below", true)
	compare(c.Max, ">", "maximum", "above", false)
	if c.MultipleOf == "" {
		return
	}
	r, ok := new(big.Rat).SetString(c.MultipleOf)
	switch {
	case ok && r.IsInt() && fits(r.Num(), t):
		if r.Num().Cmp(big.NewInt(1)) != 0 {
			w.printf("if %s%%%s != 0 {\nv.Add(\"multipleOf\", %q%s)\n}\n", value, r.Num(), "is not a multiple of "+c.MultipleOf, pathArgs(path))
		}
	default:
		w.printf("v.Multiple(float64(%s), %q%s)\n", value, c.MultipleOf, pathArgs(path))
	}
}

// wholeBound is the least or greatest integer within a bound.
func wholeBound(b *model.Bound, up bool) (*big.Int, bool) {
	r, ok := new(big.Rat).SetString(b.Number)
	if !ok {
		return nil, false
	}
	n := new(big.Int).Div(r.Num(), r.Denom()) // towards minus infinity
	exact := r.IsInt()
	switch {
	case up && (!exact || b.Exclusive):
		n.Add(n, big.NewInt(1))
	case !up && exact && b.Exclusive:
		n.Sub(n, big.NewInt(1))
	}
	return n, true
}

// fits reports whether an integer type holds a constant.
func fits(n *big.Int, t *model.Type) bool {
	size := t.Bits
	if size == 0 {
		size = 64
	}
	if t.Unsigned {
		return n.Sign() >= 0 && n.BitLen() <= size
	}
	return n.BitLen() < size
}

func (w *validator) float(c *model.Checks, value string, path []string) {
	compare := func(bound *model.Bound, op, keyword, words string) {
		if bound == nil {
			return
		}
		if bound.Exclusive {
			op, keyword, words = op+"=", "exclusive"+strings.ToUpper(keyword[:1])+keyword[1:], beyond[words]
		}
		w.printf("if %s %s %s {\nv.Add(%q, %q%s)\n}\n", value, op, bound.Number, keyword, words+" "+bound.Number, pathArgs(path))
	}
	compare(c.Min, "<", "minimum", "below")
	compare(c.Max, ">", "maximum", "above")
	if c.MultipleOf != "" {
		w.printf("v.Multiple(%s, %q%s)\n", value, c.MultipleOf, pathArgs(path))
	}
}
