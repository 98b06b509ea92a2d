package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// What values are held to beside their types: documents as they are read, values as they are
// written.

// assertedSchemas is the variable of the schemas that values are held to.
const assertedSchemas = "assertedSchemas"

// schemas prints the variable.
func (p *printer) schemas() {
	if p.model.Schemas == "" || p.cfg.Target != Types {
		return
	}
	text := "`" + p.model.Schemas + "`"
	if strings.ContainsAny(text[1:len(text)-1], "`\r\ufeff") {
		text = strconv.Quote(p.model.Schemas)
	}
	p.add(Declarations, fmt.Sprintf("\n// %[1]s are what values are held to beside their types.\nvar %[1]s = validate.NewSchemas(%[2]s)\n", assertedSchemas, text))
}

// asserted is the number of the schema that values of a declaration are held to; ok is false if
// there is none.
func (p *printer) asserted(d model.Decl) (n int, ok bool) {
	if d == nil || !p.strict() {
		return 0, false
	}
	return d.Info().Assertion - 1, d.Info().Assertion > 0
}

// assertScan is how the reader of a declaration begins: with a look at what it is about to read.
func (p *printer) assertScan(d model.Decl) string {
	n, ok := p.asserted(d)
	if !ok {
		return ""
	}
	return fmt.Sprintf("if !%s.Scan(s, %d) {\nreturn\n}\n", assertedSchemas, n)
}

// assertRead is assertScan for msgpack, of which in holds the rest.
func (p *printer) assertRead(d model.Decl, in string) string {
	n, ok := p.asserted(d)
	if !ok {
		return ""
	}
	return fmt.Sprintf("if err := msgpack.CheckJSON(%[1]s, func(text []byte) error { return %[2]s.Check(%[3]d, text) }); err != nil {\nreturn %[1]s, err\n}\n", in, assertedSchemas, n)
}

// assertion prints the demand on the encoding of a value.
func (w *validator) assertion(d model.Decl) {
	n, ok := w.p.asserted(d)
	if !ok {
		return
	}
	if u, isUnion := d.(*model.Union); isUnion && u.Sealed() {
		w.printf("if text, err := %s(nil, u); err == nil {\nv.Nest(%s.Check(%d, text))\n}\n", unionAppend(u), assertedSchemas, n)
		return
	}
	w.printf("v.Encoding(%s, %d, z)\n", assertedSchemas, n)
}
