package emit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// width is how long a line of a comment gets.
const width = 100

// comment makes a comment of paragraphs, with // on each line: jennifer would make a block comment
// of several lines.
func comment(paragraphs ...string) jen.Code {
	s := jen.Null()
	for i, line := range commentLines(paragraphs...) {
		if i > 0 {
			s.Line()
		}
		s.Op(line)
	}
	return s
}

// doc is a comment of one paragraph as text.
func doc(format string, args ...any) string {
	return "\n" + strings.Join(commentLines(fmt.Sprintf(format, args...)), "\n") + "\n"
}

func commentLines(paragraphs ...string) []string {
	var lines []string
	for _, paragraph := range paragraphs {
		if paragraph = strings.TrimSpace(paragraph); paragraph == "" {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "//")
		}
		for source := range strings.SplitSeq(paragraph, "\n") {
			lines = append(lines, wrap(source)...)
		}
	}
	return lines
}

func wrap(text string) []string {
	var lines []string
	line := "//"
	for word := range strings.FieldsSeq(strings.Map(printable, text)) {
		if len(line) > 2 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = "//"
		}
		line += " " + word
	}
	return append(lines, line)
}

// printable leaves out characters that Go does not allow in a comment, or that nobody sees.
func printable(r rune) rune {
	if unicode.IsControl(r) && !unicode.IsSpace(r) || r == '\uFEFF' {
		return -1
	}
	return r
}

// declComment documents a declaration: its title, its description, where it is from.
func declComment(a *model.About) jen.Code {
	var first string
	switch title := strings.TrimSpace(a.Title); {
	case title == "":
		first = a.Name + " is the schema's " + a.Pointer() + "."
	case startsUpper(title):
		first = a.Name + ": " + sentence(title)
	default:
		first = a.Name + " is " + sentence(title)
	}
	from := "Schema: " + a.Pointer()
	if a.Title == "" {
		from = ""
	}
	null := ""
	if a.Nullable {
		null = "The schema allows null too, which is not a " + a.Name + ": nil represents it."
	}
	return comment(first, a.Description, null, from, deprecated(a.Deprecated))
}

func deprecated(is bool) string {
	if is {
		return "Deprecated: the schema says so."
	}
	return ""
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// sentence ends a text with a full stop if nothing ends it.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// continued makes a sentence go on after a word: its first letter gets small,
// unless the word is all capitals.
func continued(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}
