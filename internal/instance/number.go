package instance

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// span is what the demands say of a number.
type span struct {
	low, high         *big.Rat // nil is unbounded
	lowOpen, highOpen bool     // the bound itself is not allowed
	step              *big.Rat // nil, or what it is a multiple of
}

func spanOf(demands []*jsonschema.Schema) (b span) {
	for _, s := range demands {
		for _, low := range []struct {
			at   *big.Rat
			open bool
		}{{s.Minimum, false}, {s.ExclusiveMinimum, true}} {
			if low.at != nil && (b.low == nil || low.at.Cmp(b.low) >= 0) {
				b.low, b.lowOpen = low.at, low.open
			}
		}
		for _, high := range []struct {
			at   *big.Rat
			open bool
		}{{s.Maximum, false}, {s.ExclusiveMaximum, true}} {
			if high.at != nil && (b.high == nil || high.at.Cmp(b.high) <= 0) {
				b.high, b.highOpen = high.at, high.open
			}
		}
		if s.MultipleOf != nil && s.MultipleOf.Sign() != 0 {
			if b.step == nil {
				b.step = s.MultipleOf
			} else { // a multiple of both; the least one, for integers
				product := new(big.Rat).Mul(b.step, s.MultipleOf)
				if b.step.IsInt() && s.MultipleOf.IsInt() {
					gcd := new(big.Int).GCD(nil, nil, b.step.Num(), s.MultipleOf.Num())
					product.Quo(product, new(big.Rat).SetInt(gcd))
				}
				b.step = product
			}
		}
	}
	return b
}

// number makes a number within the demands' bounds, a bound itself among the likely ones.
func (g *Generator) number(demands []*jsonschema.Schema, whole bool) (any, bool) {
	b := spanOf(demands)
	if b.step == nil && !whole && !g.one(3) {
		return g.float(b), true
	}
	step := b.step
	if step == nil {
		step = big.NewRat(1, 1)
	} else if whole && !step.IsInt() {
		step = new(big.Rat).SetInt(step.Num()) // the multiples of p/q that are whole are those of p
	}
	low, high := g.width(demands, whole)
	if b.low != nil {
		low = multiple(b.low, step, b.lowOpen, true)
	}
	if b.high != nil {
		high = multiple(b.high, step, b.highOpen, false)
	}
	if low.Cmp(high) > 0 {
		if b.low != nil && b.high != nil {
			return nil, false
		}
		if b.low != nil { // beyond the usual width
			high = new(big.Int).Add(low, big.NewInt(1000))
		} else {
			low = new(big.Int).Sub(high, big.NewInt(1000))
		}
	}
	n := new(big.Rat).Mul(new(big.Rat).SetInt(g.between(low, high)), step)
	if n.IsInt() && g.Fractions && g.one(4) {
		return decimal(n) + ".0", true
	}
	return decimal(n), true
}

// decimal writes a number with up to twelve digits after the point.
func decimal(n *big.Rat) json.Number {
	if n.IsInt() {
		return json.Number(n.Num().String())
	}
	return json.Number(strings.TrimSuffix(strings.TrimRight(n.FloatString(12), "0"), "."))
}

// width returns the bounds of an integer that the schema does not bound: those
// of an int64, or those within which a float64 holds each.
func (g *Generator) width(demands []*jsonschema.Schema, whole bool) (low, high *big.Int) {
	low, high = big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
	if !whole {
		low, high = big.NewInt(-1<<53), big.NewInt(1<<53)
	}
	for _, s := range demands {
		switch s.Format {
		case "int8":
			return big.NewInt(math.MinInt8), big.NewInt(math.MaxInt8)
		case "int16":
			return big.NewInt(math.MinInt16), big.NewInt(math.MaxInt16)
		case "int32":
			return big.NewInt(math.MinInt32), big.NewInt(math.MaxInt32)
		case "uint8":
			return new(big.Int), big.NewInt(math.MaxUint8)
		case "uint16":
			return new(big.Int), big.NewInt(math.MaxUint16)
		case "uint32":
			return new(big.Int), big.NewInt(math.MaxUint32)
		case "uint64":
			return new(big.Int), new(big.Int).SetUint64(math.MaxUint64)
		case "int64":
			return low, high
		}
	}
	if g.Big && g.one(4) {
		return new(big.Int).Lsh(low, 70), new(big.Int).Lsh(high, 70)
	}
	return low, high
}

// multiple returns the k for which k*step is the first multiple within a bound.
func multiple(bound, step *big.Rat, open, low bool) *big.Int {
	q := new(big.Rat).Quo(bound, step)
	k := new(big.Int).Div(q.Num(), q.Denom()) // floor: the denominator is positive
	switch exact := q.IsInt(); {
	case low && (!exact || open):
		k.Add(k, big.NewInt(1))
	case !low && exact && open:
		k.Sub(k, big.NewInt(1))
	}
	return k
}

// between returns an integer of [low, high]: a bound, something small, or any.
func (g *Generator) between(low, high *big.Int) *big.Int {
	switch g.rand.IntN(8) {
	case 0:
		return low
	case 1:
		return high
	case 2, 3, 4:
		if n := big.NewInt(g.rand.Int64N(21) - 10); n.Cmp(low) >= 0 && n.Cmp(high) <= 0 {
			return n
		}
	case 5:
		if n := new(big.Int).Lsh(big.NewInt(1), uint(g.rand.IntN(64))); n.Cmp(low) >= 0 && n.Cmp(high) <= 0 {
			return n
		}
	}
	size := new(big.Int).Sub(high, low)
	n := new(big.Int)
	for range size.BitLen()/63 + 2 {
		n.Lsh(n, 63).Or(n, big.NewInt(g.rand.Int64()))
	}
	return n.Add(n.Mod(n, size.Add(size, big.NewInt(1))), low)
}

// float returns a number that a float64 holds.
func (g *Generator) float(b span) json.Number {
	low, high := -1e6, 1e6
	if b.low == nil && b.high == nil && g.one(3) {
		return json.Number(pick(g, []string{
			"0", "-0", "0.1", "1e21", "1E+2", "-1e-7", "1.7976931348623157e308", "5e-324", "0.30000000000000004",
		}))
	}
	if b.low != nil {
		low, _ = b.low.Float64()
		high = max(high, low+1e6)
	}
	if b.high != nil {
		high, _ = b.high.Float64()
		low = min(low, high)
		if b.low == nil {
			low = high - 1e6
		}
	}
	f := low + g.rand.Float64()*(high-low)
	switch g.rand.IntN(4) {
	case 0:
		f = low
	case 1:
		f = high
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
}
