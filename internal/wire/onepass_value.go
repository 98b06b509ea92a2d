package wire

import (
	"encoding/binary"
	"math/bits"
)

// The strings and other values of JSON for the decoder in onepass_json.go, which has the rules.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// text reads the string whose first byte is at i, and returns it and the index after its quote.
func text(b []byte, i int) (s []byte, after int, seen uint64) {
	end, seen := closing(b, i)
	if end < 0 {
		return nil, -1, 0
	}
	return b[i:end:end], end + 1, seen
}

// closing returns the index, from i on, of the quote that ends a string.
func closing(b []byte, i int) (end int, seen uint64) {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		seen |= x
		// Flipping that bit moves the quote to just above the control characters, so that one
		// comparison finds both. A subtraction borrows only above the first byte that matches, so
		// the lowest bit is right.
		control, slash := x^(ones*2), x^(ones*'\\')
		if found := ((control - ones*('"'^2+1)) | (slash - ones)) &^ x & highs; found != 0 {
			if i += bits.TrailingZeros64(found) / 8; b[i] == '"' {
				return i, seen
			}
			return -1, 0
		}
	}
	for ; i < len(b); i++ {
		c := b[i]
		seen |= uint64(c)
		if c == '"' {
			return i, seen
		}
		if c < ' ' || c == '\\' {
			return -1, 0
		}
	}
	return -1, 0
}

// present finds the end of the value, which is not null, that begins at i.
func present(b []byte, i, depth int) (after int, seen uint64) {
	if i < len(b) && b[i] == 'n' {
		return -1, 0
	}
	return value(b, i, depth)
}

// value finds the end of the value that begins at i, which may open so many containers.
func value(b []byte, i, depth int) (after int, seen uint64) {
	if i >= len(b) {
		return -1, 0
	}
	switch c := b[i]; c {
	case '"':
		if i, seen = closing(b, i+1); i < 0 {
			return -1, 0
		}
		return i + 1, seen
	case '{':
		return object(b, i+1, depth-1)
	case '[':
		return array(b, i+1, depth-1)
	case 't', 'n':
		if len(b)-i >= 4 && (string(b[i:i+4]) == "true" || string(b[i:i+4]) == "null") {
			return i + 4, 0
		}
	case 'f':
		if len(b)-i >= 5 && string(b[i:i+5]) == "false" {
			return i + 5, 0
		}
	default:
		return integer(b, i), 0
	}
	return -1, 0
}

// object finds the end of the object whose first member begins at i.
func object(b []byte, i, depth int) (after int, seen uint64) {
	if depth < 0 || i >= len(b) {
		return -1, 0
	}
	if b[i] == '}' {
		return i + 1, 0
	}
	for ; i < len(b) && b[i] == '"'; i++ {
		var some uint64
		if i, some = closing(b, i+1); i < 0 || i+1 >= len(b) || b[i+1] != ':' {
			return -1, 0
		}
		seen |= some
		if i, some = value(b, i+2, depth); i < 0 || i >= len(b) {
			return -1, 0
		}
		seen |= some
		if b[i] == '}' {
			return i + 1, seen
		}
		if b[i] != ',' {
			return -1, 0
		}
	}
	return -1, 0
}

// array finds the end of the array whose first element begins at i.
func array(b []byte, i, depth int) (after int, seen uint64) {
	if depth < 0 || i >= len(b) {
		return -1, 0
	}
	if b[i] == ']' {
		return i + 1, 0
	}
	for {
		var some uint64
		if i, some = value(b, i, depth); i < 0 || i >= len(b) {
			return -1, 0
		}
		seen |= some
		if b[i] == ']' {
			return i + 1, seen
		}
		if b[i] != ',' {
			return -1, 0
		}
		i++
	}
}

// integer finds the end of the integer that begins at i.
func integer(b []byte, i int) (after int) {
	if b[i] == '-' {
		i++
	}
	from := i
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	if i == from || b[from] == '0' && i > from+1 {
		return -1
	}
	return i
}
