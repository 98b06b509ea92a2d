package model

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// Build gives a schema the shape of Go. The error is source.Problems,
// everything that is wrong at once.
func Build(doc *parse.Document) (*Model, error) {
	b := &builder{
		doc: doc, model: &Model{Title: doc.Root.Title, Description: doc.Root.Description},
		decls: map[*parse.Schema]Decl{}, definitions: map[*parse.Schema]string{},
		nullable: map[*parse.Schema]bool{}, calls: map[*source.Value]*source.Value{}, obeyed: map[*source.Value]bool{},
		named: map[string]*parse.Schema{}, others: map[*parse.Schema]bool{}, open: map[*parse.Schema]bool{}, waiting: map[*parse.Schema][]*Type{}, merging: map[string]bool{}, choosing: map[*parse.Schema]bool{},
		asserted: &schemaWriter{annotate: doc.Annotate, numbers: map[*parse.Schema]int{}},
	}
	for _, d := range doc.Directives {
		if !d.Skip {
			b.calls[d.Place] = d.Value
		}
	}
	b.collect(doc.Root)
	for _, other := range doc.Others {
		b.others[other] = true
		b.collect(other)
	}
	b.checkDescribes()
	for _, s := range b.order {
		b.define(s)
	}
	b.protocol(&doc.Vocabulary)
	b.resolveAliases()
	b.sortDecls()
	b.uniqueDecls()
	b.discriminate()
	b.keepMembers()
	b.sortDecls()
	b.decidePresence()
	b.breakCycles()
	b.markRequests()
	b.checkTargets()
	b.checkNames()
	b.checkDirectives()
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	if len(b.asserted.texts) > 0 {
		b.model.Schemas = b.asserted.text()
	}
	b.model.Warnings = b.warnings.Sorted()
	return b.model, nil
}

type builder struct {
	doc         *parse.Document
	model       *Model
	definitions map[*parse.Schema]string // the names of definitions
	order       []*parse.Schema          // the definitions in their order
	decls       map[*parse.Schema]Decl
	unions      []*Union
	named       map[string]*parse.Schema // definitions by their names in Go
	taken       map[string]bool          // names of declarations and constants
	others      map[*parse.Schema]bool   // the roots of further schemas
	// calls are what the overlay calls places, obeyed its values that were of use.
	calls  map[*source.Value]*source.Value
	obeyed map[*source.Value]bool
	// definitions whose null was moved to those who refer to them
	nullable map[*parse.Schema]bool
	// What is being built: definitions, the types that refer to one of them meanwhile, the
	// holders of alternatives, and schemas that hold for one value.
	open     map[*parse.Schema]bool
	waiting  map[*parse.Schema][]*Type
	choosing map[*parse.Schema]bool
	merging  map[string]bool
	// asserted are the schemas that values are held to beside their types.
	asserted *schemaWriter
	problems source.Problems
	warnings source.Problems
}

// collect finds the definitions of a schema, nested ones too, and the root
// itself if it describes anything.
func (b *builder) collect(s *parse.Schema) {
	if s == b.doc.Root && (b.doc.RootName != "" || describesSomething(s)) {
		name := b.doc.RootName
		if name == "" {
			name = fileBase(s.Value.File().Name)
		}
		b.definitions[s], b.named[Exported(name)] = name, s
		b.order = append(b.order, s)
	}
	if _, known := b.definitions[s]; !known && b.others[s] && describesSomething(s) {
		b.definition(fileBase(s.Value.File().Name), s)
		return
	}
	for _, d := range s.Defs {
		b.definition(d.Name, d.Schema)
	}
}

// fileBase is what a file is called, without what follows a dot.
func fileBase(name string) string {
	base, _, _ := strings.Cut(path.Base(name), ".")
	return base
}

func (b *builder) definition(name string, s *parse.Schema) {
	if _, ok := b.definitions[s]; ok {
		return
	}
	if other := b.named[Exported(name)]; other != nil && other.Value.File() != s.Value.File() {
		name = fileBase(s.Value.File().Name) + " " + name
	}
	b.definitions[s], b.named[Exported(name)] = name, s
	if s.Ext.Skip != nil {
		b.omit(s)
	} else {
		b.order = append(b.order, s)
	}
	b.collect(s)
}

// describesSomething reports whether a root is more than a place for definitions.
func describesSomething(s *parse.Schema) bool {
	if s.Always != nil {
		return true
	}
	if len(s.Defs) == 0 {
		return true
	}
	shape := s.Has("properties") || s.Has("additionalProperties") || s.Has("patternProperties") || s.Has("items") || s.Has("prefixItems") ||
		s.Has("enum") || s.Has("const") || s.Has("oneOf") || s.Has("anyOf") || s.Has("allOf") || s.Has("required")
	return shape || len(s.Types) > 0 && !slices.Equal(s.Types, []string{"object"})
}

// checkDescribes reports a document without a schema in it, such as an OpenAPI file. A document
// whose type has a name may be of any JSON.
func (b *builder) checkDescribes() {
	root, v := b.doc.Root, &b.doc.Vocabulary
	if b.doc.RootName != "" || root.Always != nil || len(b.definitions) > 1 || len(v.Methods)+len(v.Errors)+len(v.Scopes)+len(v.Channels) > 0 ||
		root.Ref != nil || len(root.AllOf) > 0 || constrains(root) {
		return
	}
	if len(root.Defs) == 0 {
		b.problems.Add(root.Value, "add definitions, or name the type of the document if it may be any JSON", "the document describes nothing")
	}
}

// define makes sure that a definition has its declaration.
func (b *builder) define(s *parse.Schema) Decl {
	if d := b.decls[s]; d != nil {
		return d
	}
	name := b.definitions[s]
	if b.open[s] {
		b.problems.Add(s.Value, "move the ref into a member, an item or a branch", "the definition refers to itself before it is known what it is")
		return &Defined{About: About{Name: "X", Value: s.Value}, Type: &Type{Kind: JSON}}
	}
	b.open[s] = true
	d := b.defineAs(s, name)
	delete(b.open, s)
	for _, t := range b.waiting[s] {
		*t = *b.wrapNull(s, &Type{Kind: Named, Decl: t.Decl})
	}
	return d
}

func (b *builder) defineAs(s *parse.Schema, name string) Decl {
	goName := cmp.Or(Exported(name), spelled(name))
	if s.Ext.GoName != nil {
		goName = s.Ext.GoName.Text
	}
	if goName == "" {
		b.problems.Add(s.Value, `add "x-dwp-go-name"`, "no Go name can be made of %s", source.Quote(name))
		goName = "X"
	}
	about := b.about(s, goName)
	about.Schema = name
	return b.declare(about, s)
}

func (b *builder) about(s *parse.Schema, name string) About {
	a := About{
		Name: name, Title: s.Title, Description: s.Description, Deprecated: s.Deprecated,
		Value: s.Value, Examples: s.Examples, Given: s.Ext.GoName,
	}
	if s.Ext.Target != nil && s.Ext.Target.Text == "wire" {
		a.Target = Wire
	}
	return a
}

// add appends a declaration to the model.
func (b *builder) add(s *parse.Schema, d Decl) {
	b.decls[s] = d
	b.model.Decls = append(b.model.Decls, d)
}
