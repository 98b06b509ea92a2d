package model

import (
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// Names that several things would have. Those that the schema gives, by a definition's name or with
// x-dwp-go-name, stay; of the others each after the first gets a number.

// symbols are words for what tells names apart that have the same letters.
var symbols = map[rune]string{
	'+': "Plus", '-': "Minus", '=': "Equal", '!': "Not", '<': "Less", '>': "Greater", '*': "Star", '/': "Slash", '%': "Percent",
	'@': "At", '#': "Hash", '$': "Dollar", '&': "And", '|': "Or", '~': "Tilde", '^': "Caret", '?': "Question", '.': "Dot", ':': "Colon",
	'_': "Underscore", ' ': "Space", ',': "Comma", ';': "Semicolon", '\'': "Quote", '"': "Quotes", '(': "Open", ')': "Close",
	'[': "Open", ']': "Close", '{': "Open", '}': "Close", '\\': "Backslash", '`': "Backtick",
}

// spelled is Exported with words for what is neither letter nor digit.
func spelled(name string) string {
	var b strings.Builder
	for _, r := range name {
		if word := symbols[r]; word != "" {
			b.WriteString(" " + word + " ")
		} else {
			b.WriteRune(r)
		}
	}
	return Exported(b.String())
}

// unused is a name that is not taken: the name itself, or it with the first number that is free.
func unused(name string, taken func(string) bool) string {
	if !taken(name) {
		return name
	}
	for n := 2; ; n++ {
		if next := name + strconv.Itoa(n); !taken(next) {
			return next
		}
	}
}

// renamed notes that something is not called as the rules say.
func (b *builder) renamed(v *source.Value, what, name, now string) {
	b.warnings.Add(v, `choose a name with "x-dwp-go-name" or "x-dwp-values"`, "the %s %s is taken, and this one is %s", what, name, now)
}

// uniqueFields gives the fields of a struct names of their own.
func (b *builder) uniqueFields(s *Struct) {
	taken := map[string]bool{}
	same := map[string]int{}
	for _, f := range s.Fields {
		same[f.Name]++
		if f.Pinned {
			taken[f.Name] = true
		}
	}
	for _, f := range s.Fields {
		if words := spelled(f.JSON); same[f.Name] > 1 && !f.Pinned && !s.Tuple && words != "" {
			f.Name = words // the same but for what tells them apart
		}
	}
	if s.Extra != nil {
		taken["Extra"] = true
	}
	for _, f := range s.Fields {
		if f.Pinned {
			continue
		}
		name := f.Name
		if taken[name] || methodNames[name] {
			f.Name = unused(f.Name, func(n string) bool { return taken[n] || methodNames[n] })
			b.renamed(f.Value, "field", name, f.Name)
		}
		taken[f.Name] = true
	}
}

// uniqueDecls gives declarations and constants names of their own.
func (b *builder) uniqueDecls() {
	taken := map[string]bool{}
	isTaken := func(name string) bool { return taken[name] }
	pinned := func(d Decl) bool { return d.Info().Schema != "" || d.Info().Given != nil }
	nested := func(d Decl) bool {
		return d.Info().Schema != "" && d.Info().Value.Parent() != nil && d.Info().Value.Parent().Parent().Parent() != nil
	}
	for _, d := range b.model.Decls {
		if pinned(d) && !nested(d) {
			taken[d.Info().Name] = true
		}
	}
	for _, d := range b.model.Decls {
		if s, ok := d.(*Struct); ok {
			b.uniqueFields(s)
		}
		info := d.Info()
		if pinned(d) && !nested(d) {
			continue
		}
		if name := info.Name; taken[name] {
			info.Name = unused(name, isTaken)
			b.renamed(info.Value, "type", name, info.Name)
		}
		taken[info.Name] = true
	}
	for _, d := range b.model.Decls {
		e, ok := d.(*Enum)
		if !ok {
			continue
		}
		for _, v := range e.Values {
			if name := v.Name; taken[name] && !v.Pinned {
				v.Name = unused(v.Name, isTaken)
				b.renamed(v.Value, "constant", name, v.Name)
			}
			taken[v.Name] = true
		}
	}
	b.taken = taken
}
