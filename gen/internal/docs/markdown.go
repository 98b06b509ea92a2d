package docs

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/xraph/dispatch/gen/internal/source"
)

// anchor is what a heading of a name is linked by: its letters and digits in
// small, joined by hyphens.
func anchor(words ...string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(strings.Join(words, "-")) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		default:
			gap = true
		}
	}
	if b.Len() == 0 || gap && b.String() == words[0]+"-" {
		return "x"
	}
	return b.String()
}

var escapes = strings.NewReplacer("<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "`", "\\`")

// text keeps prose from being taken for markup. Text between backquotes is code.
func text(s string) string {
	parts := strings.Split(s, "`")
	if len(parts)%2 == 0 {
		return escapes.Replace(s)
	}
	for i := 0; i < len(parts); i += 2 {
		parts[i] = escapes.Replace(parts[i])
	}
	return strings.Join(parts, "`")
}

// code sets a name or a value as code.
func code(s string) string {
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// cell makes a text fit into a table.
func cell(s string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`).Replace(strings.TrimSpace(s))
}

func link(title, to string) string { return "[" + title + "](#" + to + ")" }

// sentence ends a text with a full stop and begins it with a capital.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// example is a document over several lines.
func example(v *source.Value) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(v.JSON()), "", "  "); err != nil {
		return v.JSON()
	}
	return b.String()
}
