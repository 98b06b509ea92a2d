package proof

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A test passes only if the members that its schema names are typed members. A type that keeps the
// JSON of everything would accept and refuse the right documents too.

// untyped are the members that a schema names and that the generated files have no typed member
// for.
func untyped(schema any, files ...string) ([]string, error) {
	has := goMembers{typed: map[string]bool{}, raw: map[string]bool{}}
	for _, name := range files {
		if err := has.read(name); err != nil {
			return nil, err
		}
	}
	named := map[string]bool{}
	membersNamed(schema, named)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !has.typed[name] && (named[name] || !has.raw[name]) {
			out = append(out, name)
		}
	}
	return out, nil
}

// goMembers are the members that generated code reads.
type goMembers struct{ typed, raw map[string]bool }

// read adds the fields of a file's structs, and the members that have one value and no field, whose
// names its codecs have as literals.
func (has goMembers) read(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	codec := strings.HasSuffix(name, "_json.go")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if n.Tag == nil {
				return true
			}
			member, _, _ := strings.Cut(reflect.StructTag(strings.Trim(n.Tag.Value, "`")).Get("json"), ",")
			if of, ok := n.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "RawMessage" {
				has.raw[member] = true
			} else {
				has.typed[member] = true
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); codec && n.Kind == token.STRING && err == nil && !has.raw[text] {
				has.typed[text] = true
			}
		}
		return true
	})
	return nil
}

// ofOne and ofMany are the keywords with a schema and with several, by name or in a list.
var (
	ofOne  = []string{"if", "then", "else", "items", "additionalItems", "additionalProperties", "contains", "unevaluatedItems", "unevaluatedProperties"}
	ofMany = []string{"allOf", "anyOf", "oneOf", "items", "prefixItems", "$defs", "definitions", "dependentSchemas", "dependencies", "patternProperties"}
)

// membersNamed notes the members that a schema names where it says what is valid, and whether it
// gives them a type.
func membersNamed(schema any, named map[string]bool) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	properties, _ := s["properties"].(map[string]any)
	for name, of := range properties {
		if of == false {
			continue
		}
		inner, _ := of.(map[string]any)
		_, one := inner["type"].(string)
		named[name] = named[name] || one
		membersNamed(of, named)
	}
	for _, keyword := range ofOne {
		membersNamed(s[keyword], named)
	}
	for _, keyword := range ofMany {
		switch of := s[keyword].(type) {
		case map[string]any:
			for _, inner := range of {
				membersNamed(inner, named)
			}
		case []any:
			for _, inner := range of {
				membersNamed(inner, named)
			}
		}
	}
}
