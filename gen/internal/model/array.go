package model

import (
	"strconv"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// array is the type of an array: a list, or a struct for a tuple.
func (b *builder) array(c *conjunction, about About) *Type {
	t := &Type{Kind: List}
	var items []*parse.Schema
	var tuple *parse.Schema
	for _, a := range c.atoms {
		atLeast(&t.Checks.MinItems, a.MinItems)
		atMost(&t.Checks.MaxItems, a.MaxItems)
		t.Checks.Unique = t.Checks.Unique || a.UniqueItems
		if a.Items != nil {
			items = append(items, a.Items)
		}
		if len(a.PrefixItems) > 0 {
			if tuple == nil {
				tuple = a
			}
		}
	}
	var none bool
	for _, i := range items {
		none = none || i.Always != nil && !*i.Always
	}
	if tuple != nil {
		for _, a := range c.atoms {
			if a != tuple && (a.Items != nil || len(a.PrefixItems) > 0) {
				c.demands.assert(&parse.Schema{Value: a.Value, PrefixItems: a.PrefixItems, Items: a.Items})
			}
		}
		return b.tuple(c, tuple, items, none, t.Checks, about)
	}
	if none {
		zero := 0
		t.Checks.MaxItems, items = &zero, nil
	}
	t.Elem = b.resolveAll(items, about.Name+"Item", about.Target)
	return t
}

// tuple is a struct whose fields are the first items.
func (b *builder) tuple(c *conjunction, a *parse.Schema, items []*parse.Schema, none bool, checks Checks, about About) *Type {
	s := &Struct{About: about, Tuple: true, Checks: checks, Unknown: Keep}
	b.add(c.at, s)
	required := 0
	if checks.MinItems != nil {
		required = *checks.MinItems
	}
	for i, item := range a.PrefixItems {
		name := Exported(item.Title)
		if len(words(item.Title)) > 3 || name == "" {
			name = "Item" + strconv.Itoa(i+1)
		}
		if item.Ext.GoName != nil {
			name = item.Ext.GoName.Text
			b.obeyed[item.Ext.GoName] = true
		}
		f := &Field{
			Name: name, JSON: strconv.Itoa(i), Param: Unexported(name), Description: item.Description,
			Required: i < required, Value: item.Value,
		}
		if item.Always != nil && !*item.Always {
			c.demands.assert(&parse.Schema{Value: a.Value, PrefixItems: a.PrefixItems})
			break
		}
		f.Type = b.resolve(item, about.Name+name, about.Target)
		s.Fields = append(s.Fields, f)
	}
	if none && len(s.Fields) == len(a.PrefixItems) {
		s.Unknown = Reject
	} else {
		s.Extra = b.resolveAll(items, about.Name+"Item", about.Target)
	}
	return &Type{Kind: Named, Decl: s}
}
