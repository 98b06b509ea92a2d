package codec

import (
	"strconv"

	"github.com/xraph/dispatch/internal/jsonnumber"
)

// number is the text of a number, and what is needed to read it as an integer without reading it
// again.
type number struct {
	text     []byte
	negative bool
	integer  bool   // no fraction and no exponent
	fits     bool   // the digits before the fraction fit into 64 bits
	value    uint64 // they are this number then
}

// number consumes the number at hand.
func (s *Scanner) number() (n number) {
	data, i := s.data, s.pos
	if data[i] == '-' {
		n.negative = true
		i++
	}
	from := i
	if i < len(data) && data[i] == '0' {
		i++
	} else {
		for ; i < len(data) && isDigit(data[i]); i++ {
			// 19 digits always fit; of more, only their count matters here.
			if i-from < 19 {
				n.value = n.value*10 + uint64(data[i]-'0')
			}
		}
	}
	if i == from {
		return s.badNumber(i)
	}
	n.integer, n.fits = true, i-from <= 19
	if i < len(data) && data[i] == '.' {
		n.integer = false
		from = i + 1
		if i = digits(data, from); i == from {
			return s.badNumber(i)
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		n.integer = false
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		from = i
		if i = digits(data, from); i == from {
			return s.badNumber(i)
		}
	}
	n.text = data[s.pos:i]
	s.pos = i
	return n
}

func (s *Scanner) badNumber(i int) number {
	if i >= len(s.data) {
		s.truncated()
	} else {
		s.failAt(ErrSyntax, i, "expected a digit, not "+strconv.QuoteRune(rune(s.data[i])))
	}
	return number{}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits returns the index after the digits that begin at i.
func digits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

// magnitude returns the number without its sign, if it is an integer of 64 bits: also 1.0, 1e2 or
// 120e-1.
func (n number) magnitude() (v uint64, kind error) {
	if n.integer && n.fits {
		return n.value, nil
	}
	digits, power := jsonnumber.Decimal(n.text)
	switch {
	case len(digits) == 0:
		return 0, nil
	case power < 0:
		return 0, ErrType
	case int64(len(digits))+power > 20:
		return 0, ErrRange
	}
	for range power {
		digits = append(digits, '0')
	}
	v, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0, ErrRange
	}
	return v, nil
}
