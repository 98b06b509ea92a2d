package emit

import (
	"regexp"
	"strings"

	"github.com/dave/jennifer/jen"
)

var qualified = regexp.MustCompile(`\b(msgp|codec|time|json|client|regexp)\.([A-Z]\w*)`)

var importPaths = map[string]string{
	"msgp": msgpPath, "codec": codecPath, "time": "time", "json": "encoding/json", "client": clientPath, "regexp": "regexp",
}

// splice takes Go text into a jennifer file. Its qualified names become
// jennifer's, so that the imports are known.
func splice(text string) *jen.Statement {
	s := jen.Null()
	from := 0
	for _, m := range qualified.FindAllStringSubmatchIndex(text, -1) {
		line := text[strings.LastIndexByte(text[:m[0]], '\n')+1 : m[0]]
		if strings.Contains(line, "//") {
			continue // a comment
		}
		s.Op(text[from:m[0]]).Qual(importPaths[text[m[2]:m[3]]], text[m[4]:m[5]])
		from = m[1]
	}
	return s.Op(text[from:])
}
