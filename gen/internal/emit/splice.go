package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

var importPaths = map[string]string{
	"msgp": msgpPath, "codec": codecPath, "msgpack": msgpackPath, "validate": validatePath, "time": "time", "json": "encoding/json", "client": clientPath, "regexp": "regexp",
}

// splice takes Go text into a jennifer file. Its qualified names become
// jennifer's, so that the imports are known. Comments and strings stay as they are.
func splice(text string) *jen.Statement {
	s := jen.Null()
	from := 0
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case c == '"' || c == '\'' || c == '`':
			at = afterQuote(text, at)
		case c == '/' && strings.HasPrefix(text[at:], "//"):
			at = afterWord(text, at, func(c byte) bool { return c != '\n' })
		case isWord(c):
			start := at
			at = afterWord(text, at, isWord)
			path := importPaths[text[start:at]]
			if path == "" || at+1 >= len(text) || text[at] != '.' || text[at+1] < 'A' || text[at+1] > 'Z' || start > 0 && text[start-1] == '.' {
				continue
			}
			name := at + 1
			at = afterWord(text, name, isWord)
			s.Op(text[from:start]).Qual(path, text[name:at])
			from = at
		default:
			at++
		}
	}
	return s.Op(text[from:])
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func afterWord(text string, at int, in func(byte) bool) int {
	for at < len(text) && in(text[at]) {
		at++
	}
	return at
}

// afterQuote is where the string or rune that begins at a place ends.
func afterQuote(text string, at int) int {
	quote := text[at]
	for at++; at < len(text); at++ {
		switch {
		case text[at] == '\\' && quote != '`':
			at++
		case text[at] == quote:
			return at + 1
		}
	}
	return at
}
