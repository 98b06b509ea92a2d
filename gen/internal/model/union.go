package model

import "github.com/xraph/dispatch/gen/internal/parse"

// Union is a value that is of one of several types.
type Union struct {
	About
	Variants []*Variant
}

// Variant is one of the types that a union's value may have.
type Variant struct {
	Name string
	Type *Type
}

func (b *builder) alternatives(c *conjunction, holders []*parse.Schema, about About) *Type {
	b.problems.Add(c.at.Value, "describe one type", "oneOf and anyOf are not supported")
	return &Type{Kind: JSON}
}

func (b *builder) typeUnion(c *conjunction, types []string, about About) *Type {
	b.problems.Add(c.at.Keyword("type"), "name one type", "lists of types are not supported")
	return &Type{Kind: JSON}
}
