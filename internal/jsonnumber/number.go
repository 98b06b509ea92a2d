// Package jsonnumber compares numbers by their JSON text, whatever their exponents: 1, 1.0 and
// 10e-1 are equal. Texts have to be valid JSON numbers.
package jsonnumber

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal returns a number without its sign as digits, with no zeros at either end, and the power
// of ten that they are multiplied by. Zero has no digits. Equal numbers give the same.
func Decimal(text []byte) (digits []byte, power int64) {
	mantissa := text
	if e := bytes.IndexAny(mantissa, "eE"); e >= 0 {
		power = exponent(mantissa[e+1:])
		mantissa = mantissa[:e]
	}
	digits = make([]byte, 0, 24)
	point := false
	for _, c := range mantissa {
		if point && c != '.' {
			power--
		}
		switch {
		case c == '.':
			point = true
		case c > '0' && c <= '9', c == '0' && len(digits) > 0:
			digits = append(digits, c)
		}
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		power++
	}
	if len(digits) == 0 {
		power = 0
	}
	return digits, power
}

// exponent reads the digits of an exponent. One beyond 32 bits reads as the largest: no document
// has as many digits.
func exponent(text []byte) int64 {
	v, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil && text[0] == '-' {
		return math.MinInt32
	} else if err != nil {
		return math.MaxInt32
	}
	return v
}

// Equal reports whether two texts are the same number.
func Equal(a, b string) bool { return Compare(a, b) == 0 }

// Compare returns -1, 0 or 1 as a is less than, equal to or greater than b.
func Compare(a, b string) int {
	aDigits, aPower := Decimal([]byte(a))
	bDigits, bPower := Decimal([]byte(b))
	aSign, bSign := sign(a, aDigits), sign(b, bDigits)
	switch {
	case aSign < bSign:
		return -1
	case aSign > bSign:
		return 1
	case aSign == 0:
		return 0
	}
	// Which has more digits before the point? If neither has, the digits decide, because they begin
	// alike.
	switch aSize, bSize := int64(len(aDigits))+aPower, int64(len(bDigits))+bPower; {
	case aSize < bSize:
		return -aSign
	case aSize > bSize:
		return aSign
	}
	return bytes.Compare(aDigits, bDigits) * aSign
}

func sign(text string, digits []byte) int {
	switch {
	case len(digits) == 0:
		return 0
	case text[0] == '-':
		return -1
	}
	return 1
}

// Canonical returns a text that equal numbers have in common.
func Canonical(text string) string {
	digits, power := Decimal([]byte(text))
	out := string(digits) + "e" + strconv.FormatInt(power, 10)
	if sign(text, digits) < 0 {
		return "-" + out
	}
	return out
}

// Rat returns the exact value of a number whose exponent has at most three digits.
func Rat(text string) (*big.Rat, bool) {
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 3 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}
