package emit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// code is Go text that grows. Its lines need no indentation, because files are formatted.
type code struct{ strings.Builder }

func (c *code) printf(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// add adds a text to a part, with its imports.
func (p *printer) add(part Part, text string) {
	p.part(part).Add(qualify(text))
	p.part(part).Line()
}

// appendText appends a text that is known here.
func appendText(text string) string { return "append(dst, " + literal(text) + "...)" }

// literal writes a string as JSON likes it, between backquotes.
func literal(text string) string {
	if !strconv.CanBackquote(text) || !strings.Contains(text, `"`) {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}

// quoted is a string as JSON, as encoding/json writes it.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("emit: a string has no JSON: " + err.Error()) // it always has
	}
	return string(text)
}

// quotedList is a list of string literals.
func quotedList(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = strconv.Quote(name)
	}
	return strings.Join(list, ", ")
}

// convert converts a value to a type.
func convert(to, value string) string { return "(" + to + ")(" + value + ")" }

// goLiteral is a JSON string, number or boolean as a Go constant.
func goLiteral(v *source.Value) string {
	if v.Kind == source.String {
		return strconv.Quote(v.Text) // JSON has characters as they are that Go escapes
	}
	return v.JSON()
}
