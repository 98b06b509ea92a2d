package rounds

import (
	"fmt"
	"slices"
)

// Spread is how figures are distributed over the rounds.
type Spread struct{ Lowest, LowerQuartile, Median, UpperQuartile, Highest float64 }

// NewSpread returns the spread of at least one figure. Quartiles between two figures are
// interpolated.
func NewSpread(figures []float64) Spread {
	sorted := slices.Sorted(slices.Values(figures))
	at := func(part float64) float64 {
		place := part * float64(len(sorted)-1)
		below := int(place)
		above := min(below+1, len(sorted)-1)
		return sorted[below] + (sorted[above]-sorted[below])*(place-float64(below))
	}
	return Spread{at(0), at(0.25), at(0.5), at(0.75), at(1)}
}

// String is the median with the quartiles, in three significant digits.
func (s Spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", digits(s.Median), digits(s.LowerQuartile), digits(s.UpperQuartile))
}

// digits prints three significant digits without an exponent.
func digits(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	case x >= 0.1:
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.4f", x)
}
