package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"
	"github.com/tinylib/msgp/gen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// row is all that the printers know of one kind of types. What it prints is Go text.
type row struct {
	// goType is the type.
	goType func(p *printer, t *model.Type) string
	// isReference is set if a type that is defined as one of this kind can have no methods.
	isReference bool

	// append is the call that appends a value to dst as JSON. A fallible one returns an error too.
	append func(p *printer, t *model.Type, value string) (call string, fallible bool)
	// scan is the call that reads a value from s, which is JSON.
	scan func(p *printer, t *model.Type, into place) string
	// scanFunc is the function that does so for a Go type of this kind, "" if scan must be
	// wrapped.
	scanFunc func(t *model.Type, goType string) string
	// scanEnum is the function that reads one of several values, "" if there are no enums of this
	// kind.
	scanEnum string

	// coder is the coder for msgpack of a Go type of this kind.
	coder func(p *printer, t *model.Type, goType string) string
	// nilCoder is the coder for which only nil is absent, nil if there is none.
	nilCoder func(p *printer, t *model.Type) string
	// msgp is the type as msgp's generator knows it, nil if it does not.
	msgp func(t *model.Type) *gen.BaseElem

	// validate prints the demands on a value.
	validate func(w *validator, t *model.Type, value string, path []string)
	// present is the condition under which a field is not empty.
	present func(p *printer, field string) string
}

// rows is the table of kinds. It is filled in when the program starts, because rows refer to
// functions that look things up in it.
var rows map[model.Kind]*row

func init() { //nolint:gochecknoinits // an initializer would refer to itself
	rows = map[model.Kind]*row{
		model.Bool: boolRow(), model.Int: intRow(), model.Float: floatRow(), model.String: stringRow(), model.Bytes: bytesRow(),
		model.Time: timeRow(), model.Duration: durationRow(), model.JSON: jsonRow(), model.Any: anyRow(), model.NullOnly: nullRow(),
		model.List: listRow(), model.Map: mapRow(), model.Nullable: nullableRow(), model.Named: namedRow(),
	}
}

// row is the row of a type's kind. A kind without one is the printer's error.
func (p *printer) row(t *model.Type) *row {
	if r := rows[t.Kind]; r != nil {
		return r
	}
	if p.err == nil {
		p.err = fmt.Errorf("emit: no row for the kind %d of types", t.Kind)
	}
	return rows[model.String] // nothing of it is returned
}

// goType is a type as Go writes it.
func (p *printer) goType(t *model.Type) string { return p.row(t).goType(p, t) }

// jenType is goType for declarations.
func (p *printer) jenType(t *model.Type) *jen.Statement { return qualify(p.goType(t)) }

// fieldType is the type of a field, its presence included.
func (p *printer) fieldType(f *model.Field) string {
	t := p.goType(f.Type)
	switch {
	case f.Presence == model.Pointer, f.Indirect:
		return "*" + t
	case f.Presence == model.Carrier:
		return "codec.Optional[" + t + "]"
	}
	return t
}

// declName is how a declaration is called from here. Clients and servers use those of the wire too,
// such as the requests that their users never see.
func (p *printer) declName(d model.Decl) string {
	name := d.Info().Name
	switch outside := p.cfg.Target == Client || p.cfg.Target == Server; {
	case outside && d.Info().Target == model.Wire:
		return "wire." + name
	case p.cfg.Target == Server:
		return "client." + name
	}
	return name
}

// constantly is a goType that is always the same.
func constantly(text string) func(*printer, *model.Type) string {
	return func(*printer, *model.Type) string { return text }
}

// appends is an append that calls a function of codec.
func appends(function string, fallible bool) func(*printer, *model.Type, string) (string, bool) {
	return func(_ *printer, _ *model.Type, value string) (string, bool) {
		return "codec." + function + "(dst, " + value + ")", fallible
	}
}

// scans is a scan that calls a function of codec.
func scans(function string) func(*printer, *model.Type, place) string {
	return func(_ *printer, _ *model.Type, into place) string {
		return "codec." + function + "(s, " + into.pointer + ")"
	}
}

// generic is a scanFunc with a type parameter.
func generic(function string) func(*model.Type, string) string {
	return func(_ *model.Type, goType string) string { return "codec." + function + "[" + goType + "]" }
}

// plain is a scanFunc without a type parameter.
func plain(function string) func(*model.Type, string) string {
	return func(*model.Type, string) string { return "codec." + function }
}

// wrapped is a scanFunc for which there is no function.
func wrapped(*model.Type, string) string { return "" }

// coderOf is a coder with the Go type for a parameter.
func coderOf(name string) func(*printer, *model.Type, string) string {
	return func(_ *printer, _ *model.Type, goType string) string {
		return "msgpack." + name + "[" + goType + "]{}"
	}
}

// fixedCoder is a coder without a parameter.
func fixedCoder(name string) func(*printer, *model.Type, string) string {
	return func(*printer, *model.Type, string) string { return "msgpack." + name + "{}" }
}

// msgpIdent is a type that msgp's generator knows by its name.
func msgpIdent(name string) func(*model.Type) *gen.BaseElem {
	return func(*model.Type) *gen.BaseElem { return gen.Ident(name) }
}

// unknownToMsgp is the msgp of a type that msgp's generator has no serializer for.
func unknownToMsgp(*model.Type) *gen.BaseElem { return nil }

// anything is the validate of a kind whose values are all valid, if they are not to be one
// constant.
func anything(w *validator, t *model.Type, value string, path []string) {
	w.constant(&t.Checks, value, path)
}

// differs is a present that compares with an empty value.
func differs(empty string) func(*printer, string) string {
	return func(_ *printer, field string) string { return field + " != " + empty }
}

// filled is the present of what has a length. In types that hold documents to their schema an empty
// value is not an absent one.
func filled(p *printer, field string) string {
	if p.strict() {
		return field + " != nil"
	}
	return "len(" + field + ") > 0"
}
