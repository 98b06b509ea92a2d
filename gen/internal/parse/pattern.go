package parse

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Patterns of JSON Schema are regular expressions of ECMA-262, with the flag u. RE2 writes most of
// them alike; what it writes or means otherwise is translated.

// The characters of \s, as RE2 writes them in a class, and all others. Those that end a line, which
// a dot does not match, are among them.
const (
	spaces  = `\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`
	others  = `\x00-\x{08}\x{0E}-\x{1F}!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}`
	dot     = `[^\n\r\x{2028}\x{2029}]`
	never   = `[^\x00-\x{10FFFF}]`
	anyRune = `[\x00-\x{10FFFF}]`
)

// categories are the long names of Unicode's general categories, of which RE2 knows the short ones.
var categories = map[string]string{
	"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm", "Other_Letter": "Lo",
	"Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me",
	"Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl", "Other_Number": "No",
	"Punctuation": "P", "punct": "P", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
	"Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "Format": "Cf",
}

// RE2 translates a pattern. The error is that of what RE2 cannot say: look-around and
// back-references.
func RE2(pattern string) (string, error) {
	t := translation{rest: pattern}
	for t.rest != "" && t.err == nil {
		t.next()
	}
	if t.err != nil {
		return "", t.err
	}
	out := t.out.String()
	_, err := regexp.Compile(out)
	return out, err
}

type translation struct {
	rest    string
	out     strings.Builder
	inClass bool
	err     error
}

// next translates what comes next.
func (t *translation) next() {
	r, size := utf8.DecodeRuneInString(t.rest)
	text := t.rest[:size]
	t.rest = t.rest[size:]
	switch {
	case r == '\\':
		t.escape()
	case t.inClass && r == '[':
		t.out.WriteString(`\[`) // RE2 has [:alpha:]
	case t.inClass:
		t.inClass = r != ']'
		t.out.WriteString(text)
	case r == '.':
		t.out.WriteString(dot)
	case r == '[':
		t.class()
	default:
		t.out.WriteString(text)
	}
}

// class begins a class of characters, after its bracket.
func (t *translation) class() {
	for empty, meaning := range map[string]string{"]": never, "^]": anyRune} {
		if rest, ok := strings.CutPrefix(t.rest, empty); ok {
			t.out.WriteString(meaning)
			t.rest = rest
			return
		}
	}
	t.out.WriteByte('[')
	if rest, ok := strings.CutPrefix(t.rest, "^"); ok {
		t.out.WriteByte('^')
		t.rest = rest
	}
	t.inClass = true
}

// escape translates what follows a backslash.
func (t *translation) escape() {
	if t.rest == "" {
		t.out.WriteByte('\\')
		return
	}
	r, size := utf8.DecodeRuneInString(t.rest)
	text := t.rest[:size]
	t.rest = t.rest[size:]
	switch {
	case r == 's' && t.inClass:
		t.out.WriteString(spaces)
	case r == 's':
		t.out.WriteString("[" + spaces + "]")
	case r == 'S' && t.inClass:
		t.out.WriteString(others)
	case r == 'S':
		t.out.WriteString("[^" + spaces + "]")
	case r == 'b' && t.inClass:
		t.out.WriteString(`\x08`)
	case r == 'u':
		t.codePoint()
	case r == 'c' && t.rest != "" && (t.rest[0]|0x20 >= 'a' && t.rest[0]|0x20 <= 'z'):
		fmt.Fprintf(&t.out, `\x%02X`, t.rest[0]&0x1F)
		t.rest = t.rest[1:]
	case r == '0':
		t.out.WriteString(`\x00`)
	case (r == 'p' || r == 'P') && strings.HasPrefix(t.rest, "{"):
		t.property(text)
	case strings.ContainsRune("AzZQECa", r):
		t.err = fmt.Errorf(`\%c is not of ECMA-262`, r)
	case r >= utf8.RuneSelf:
		t.out.WriteString(regexp.QuoteMeta(text))
	default:
		t.out.WriteString(`\` + text)
	}
}

// codePoint translates \uFFFF, of which two may be a surrogate pair, and \u{10FFFF}.
func (t *translation) codePoint() {
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(t.rest, "{"), "}"); ok && t.rest[0] == '{' {
		t.out.WriteString(`\x{` + inner + `}`)
		t.rest = rest
		return
	}
	unit, ok := t.unit(t.rest)
	if !ok {
		t.err = errors.New(`\u is followed by no code point`)
		return
	}
	t.rest = t.rest[4:]
	if utf16.IsSurrogate(unit) {
		low, ok := t.unit(strings.TrimPrefix(t.rest, `\u`))
		if unit = utf16.DecodeRune(unit, low); !ok || unit == utf8.RuneError {
			t.err = errors.New("half of a surrogate pair stands alone")
			return
		}
		t.rest = t.rest[6:]
	}
	fmt.Fprintf(&t.out, `\x{%04X}`, unit)
}

// unit reads four hexadecimal digits.
func (t *translation) unit(text string) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:4], 16, 32)
	return rune(n), err == nil
}

// property translates \p{Name=Value}.
func (t *translation) property(p string) {
	inner, rest, ok := strings.Cut(t.rest[1:], "}")
	if !ok {
		t.out.WriteString(`\` + p)
		return
	}
	t.rest = rest
	if _, value, ok := strings.Cut(inner, "="); ok {
		inner = value
	}
	if short := categories[inner]; short != "" {
		inner = short
	}
	t.out.WriteString(`\` + p + "{" + inner + "}")
}
