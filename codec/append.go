package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends a string. As json.Marshal does, it escapes <, >, &, U+2028 and U+2029,
// so that the text is safe in HTML, and writes \ufffd for what is not UTF-8. For generated code.
func AppendString[T ~string](dst []byte, v T) []byte {
	s := string(v)
	dst = append(dst, '"')
	from := 0
	for i := verbatim(s, 0); i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, c)
			from = i + 1
			i = verbatim(s, i+1)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[from:i]...)
			dst = append(dst, `\ufffd`...)
			from = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[from:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hexDigits[r&0xf])
			from = i + size
		}
		i = verbatim(s, i+size)
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// verbatim returns the index, from i on, of the first byte that cannot be copied verbatim into a
// string that is written: what [plain] finds, and <, > and &. len(s) if there is none.
func verbatim(s string, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		// < and > differ in one bit. See plain for the quote.
		control, slash, angle, and := x^(ones*2), x^(ones*'\\'), (x|ones*2)^(ones*'>'), x^(ones*'&')
		if m := (x | (control - ones*('"'^2+1)) | (slash - ones) | (angle - ones) | (and - ones)) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return i
		}
	}
	return i
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}

// AppendInt appends an integer. For generated code.
func AppendInt[T Integer](dst []byte, v T) []byte { return strconv.AppendInt(dst, int64(v), 10) }

// AppendUint appends an integer. For generated code.
func AppendUint[T Unsigned](dst []byte, v T) []byte { return strconv.AppendUint(dst, uint64(v), 10) }

// AppendBool appends a boolean. For generated code.
func AppendBool[T ~bool](dst []byte, v T) []byte { return strconv.AppendBool(dst, bool(v)) }

// AppendFloat appends a number, with no more digits than its type needs. NaN and the infinities,
// which JSON does not have, are an error ([ErrValue]). For generated code.
func AppendFloat[T Float](dst []byte, v T) ([]byte, error) {
	f, size := float64(v), floatBits[T]()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, fmt.Errorf("%w: JSON has no number %v", ErrValue, f)
	}
	// As in ECMAScript: an exponent for the very large and the very small.
	format := byte('f')
	if abs := math.Abs(f); abs != 0 {
		if size == 64 && (abs < 1e-6 || abs >= 1e21) || size == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}
	dst = strconv.AppendFloat(dst, f, format, -1, size)
	if n := len(dst); format == 'e' && n >= 4 && string(dst[n-4:n-1]) == "e-0" {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst, nil
}

// AppendBytes appends bytes as a string of base64; nil is an empty one, for a schema's string is
// never null. For generated code.
func AppendBytes[T ~[]byte](dst []byte, v T) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, v)
	return append(dst, '"')
}

// AppendRaw appends a JSON text, checked, without its white space, and with the escapes of
// [AppendString]; nil is null. An invalid text is an error (*[Error]). For generated code.
func AppendRaw[T ~[]byte](dst []byte, raw T) ([]byte, error) {
	if raw == nil {
		return append(dst, "null"...), nil
	}
	verbatim, err := check(raw)
	switch {
	case err != nil:
		return dst, err
	case verbatim:
		return append(dst, raw...), nil
	}
	return appendCompact(dst, raw), nil
}

// check reports whether a JSON text, if it is one, is as AppendRaw appends it.
func check(raw []byte) (verbatim bool, err error) {
	s := NewScanner(raw)
	s.Skip()
	if err := s.End(); err != nil {
		return false, err
	}
	return !s.spaced && !mayNeedEscapes(raw), nil
}

// mayNeedEscapes reports whether a valid JSON text has <, > or &, or the first byte of U+2028 and
// U+2029.
func mayNeedEscapes(b []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		angle, and, line := (x|ones*2)^(ones*'>'), x^(ones*'&'), x^(ones*0xe2)
		if ((angle-ones)&^angle|(and-ones)&^and|(line-ones)&^line)&highs != 0 {
			return true
		}
	}
	for _, c := range b {
		if c == '<' || c == '>' || c == '&' || c == 0xe2 {
			return true
		}
	}
	return false
}

// appendCompact appends a valid JSON text.
func appendCompact(dst, raw []byte) []byte {
	from, inside := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inside = !inside
		case c == '\\':
			i++
		case c == '<' || c == '>' || c == '&':
			dst = append(dst, raw[from:i]...)
			dst = appendEscape(dst, c)
			from = i + 1
		case c == 0xe2 && i+2 < len(raw) && raw[i+1] == 0x80 && raw[i+2]&^1 == 0xa8:
			dst = append(dst, raw[from:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hexDigits[raw[i+2]&0xf])
			from, i = i+3, i+2
		case c <= ' ' && !inside:
			dst = append(dst, raw[from:i]...)
			from = i + 1
		}
	}
	return append(dst, raw[from:]...)
}

// AppendAny appends any value as json.Marshal does; a [json.RawMessage], or an [Appender], such as
// a generated type, without reflection. What these two bring is checked as [AppendRaw] checks it,
// so the result is one valid JSON text, unless it is nested deeper than [MaxDepth] or has strings
// that are not UTF-8. For generated code.
func AppendAny(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case json.RawMessage:
		return AppendRaw(dst, v)
	case string:
		return AppendString(dst, v), nil
	case interface {
		Appender
		json.Marshaler
	}:
		return appendChecked(dst, v)
	}
	return appendReflected(dst, v)
}

// appendChecked appends what may write anything.
func appendChecked(dst []byte, v Appender) ([]byte, error) {
	start := len(dst)
	out, err := v.AppendJSON(dst)
	if err != nil {
		return out, err
	}
	verbatim, err := check(out[start:])
	if err != nil || verbatim {
		return out, err
	}
	return appendCompact(out[:start], bytes.Clone(out[start:])), nil
}

// Appender is what writes itself as JSON.
type Appender interface {
	// AppendJSON appends the value's JSON text to dst. After an error, what was appended is not
	// specified.
	AppendJSON(dst []byte) ([]byte, error)
}

// floatBits returns the size of T: 2²⁴+1 is no float32.
func floatBits[T Float]() int {
	if one := T(1 << 24); one+1 == one {
		return 32
	}
	return 64
}
