package breaking

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// source says what a change does to source that uses the generated code: both versions' are
// generated, and what they export is compared; if something is missed, then with the change alone.
func (c *comparison) source(e edit) Finding {
	if c.generate == nil {
		return Finding{}
	}
	before, err := c.exported(c.old)
	if err != nil {
		return unproven("no Go comes of the old schema: %v", err)
	}
	after, err := c.exported(c.new)
	if err != nil {
		return unproven("no Go comes of the new schema: %v", err)
	}
	all := differences(before, after)
	if all == "" {
		return compatible("what was exported still is, as it was")
	}
	// Something breaks: is it this change?
	alone, err := c.alone(e)
	if err == nil {
		after, err = c.exported(alone)
	}
	if err != nil { // it only makes sense together with others
		return unproven("alone it makes no sense; with all changes: %s", all)
	}
	if d := differences(before, after); d != "" {
		return breaks("%s", d)
	}
	return compatible("what was exported still is, as it was")
}

// exported returns the declarations that a version's Go exports, by name.
func (c *comparison) exported(v *version) (map[string]string, error) {
	if v.api != nil {
		return v.api, nil
	}
	files, err := c.generate(v.Name, v.Text)
	if err != nil {
		return nil, err
	}
	api := map[string]string{}
	fset := token.NewFileSet()
	for _, text := range files {
		file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declaration := range file.Decls {
			addDeclaration(api, fset, declaration)
		}
	}
	v.api = api
	return api, nil
}

func addDeclaration(api map[string]string, fset *token.FileSet, declaration ast.Decl) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if name, exported := funcName(d); exported {
			api[name] = "func" + strings.TrimPrefix(printed(fset, d.Type), "func")
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			addSpec(api, fset, d.Tok, spec)
		}
	}
}

func funcName(d *ast.FuncDecl) (name string, exported bool) {
	name = d.Name.Name
	if d.Recv != nil && len(d.Recv.List) == 1 {
		receiver := d.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if of, ok := receiver.(*ast.Ident); ok {
			return of.Name + "." + name, of.IsExported() && d.Name.IsExported()
		}
	}
	return name, d.Name.IsExported()
}

func addSpec(api map[string]string, fset *token.FileSet, kind token.Token, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			api[spec.Name.Name] = "type " + printed(fset, spec.Type)
			return
		}
		api[spec.Name.Name] = "type struct"
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				if name.IsExported() {
					api[spec.Name.Name+"."+name.Name] = printed(fset, field.Type)
				}
			}
			if len(field.Names) == 0 {
				api[spec.Name.Name+"."+printed(fset, field.Type)] = "embedded"
			}
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() {
				api[name.Name] = strings.TrimSpace(kind.String() + " " + printed(fset, spec.Type))
			}
		}
	}
}

func printed(fset *token.FileSet, node ast.Node) string {
	if node == nil || reflect.ValueOf(node).IsNil() {
		return ""
	}
	var b strings.Builder
	if err := printer.Fprint(&b, fset, node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// differences lists what users of one API miss in another: names that are gone or are declared
// otherwise. What is new breaks nothing.
func differences(before, after map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was := before[name]
		is, stays := after[name]
		owner, _, member := strings.Cut(name, ".")
		switch {
		// reported with its type
		case !stays && member && after[owner] == "" && before[owner] != "":
		case !stays:
			list = append(list, name+" is gone")
		case was != is:
			list = append(list, fmt.Sprintf("%s was %s and is %s", name, was, is))
		}
	}
	if len(list) > 5 {
		list = append(list[:5], fmt.Sprintf("and %d more", len(list)-5))
	}
	return strings.Join(list, "; ")
}
