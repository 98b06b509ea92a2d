package emit

import (
	"go/scanner"
	"go/token"

	"github.com/dave/jennifer/jen"
)

// importPaths are the packages that text may name.
var importPaths = map[string]string{
	"msgp": msgpPath, "codec": codecPath, "msgpack": msgpackPath, "validate": validatePath, "client": clientPath, "wire": wirePath,
	"context": "context", "json": "encoding/json", "regexp": "regexp", "time": "time",
}

// qualify makes a jennifer statement of Go text. Its qualified names become jennifer's, so that the
// file imports their packages. Everything else, comments included, is kept as it is.
func qualify(text string) *jen.Statement {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var tokens scanner.Scanner
	tokens.Init(file, []byte(text), nil, 0)
	statement := jen.Null()
	written := 0 // so much of text is in the statement
	var before, pkg, dot lexeme
	for {
		pos, kind, literal := tokens.Scan()
		if kind == token.EOF {
			break
		}
		name := lexeme{kind, literal, file.Offset(pos)}
		if path := importPaths[pkg.literal]; path != "" && before.kind != token.PERIOD && pkg.kind == token.IDENT && dot.kind == token.PERIOD && token.IsExported(literal) {
			statement.Op(text[written:pkg.at]).Qual(path, literal)
			written = name.at + len(literal)
		}
		before, pkg, dot = pkg, dot, name
	}
	return statement.Op(text[written:])
}

// lexeme is a token with its text and where it begins.
type lexeme struct {
	kind    token.Token
	literal string
	at      int
}
