package validate

import (
	"math"
	"strconv"
)

// The keywords about arrays and objects.

func (e *evaluation) array(s *schema, items []any, at *place, own *evaluated) bool {
	ok := e.count(len(items), s.MinItems, s.MaxItems, "Items", at)
	for i, item := range items {
		of := s.Items
		if i < len(s.PrefixItems) {
			of = s.PrefixItems[i]
		}
		if of != nil {
			own.item(i)
			ok = e.valid(of, item, &place{i, at}, nil) && ok
		}
	}
	if s.Contains != nil {
		ok = e.contains(s, items, at, own) && ok
	}
	if s.UniqueItems {
		seen := make(map[string]bool, len(items))
		for i, item := range items {
			key := canonicalValue(item)
			ok = e.demand(!seen[key], &place{i, at}, "uniqueItems", "is equal to another item") && ok
			seen[key] = true
		}
	}
	if s.UnevaluatedItems != nil {
		for i, item := range items {
			if !own.items[i] {
				own.item(i)
				ok = e.valid(s.UnevaluatedItems, item, &place{i, at}, nil) && ok
			}
		}
	}
	return ok
}

func (e *evaluation) contains(s *schema, items []any, at *place, own *evaluated) bool {
	n, low, high := 0, 1, math.MaxInt
	for i, item := range items {
		if e.holds(s.Contains, item, nil) {
			own.item(i)
			n++
		}
	}
	if s.MinContains != nil {
		low = *s.MinContains
	}
	if s.MaxContains != nil {
		high = *s.MaxContains
	}
	return e.demand(n >= low && n <= high, at, "contains", strconv.Itoa(n)+" of the items are what it must contain")
}

func (e *evaluation) object(s *schema, members map[string]any, at *place, own *evaluated) bool {
	ok := e.count(len(members), s.MinProperties, s.MaxProperties, "Properties", at)
	for _, name := range s.Required {
		_, there := members[name]
		ok = e.demand(there, at, "required", "lacks "+name) && ok
	}
	for name, value := range Ordered(members) {
		ok = e.member(s, name, value, &place{name, at}, own) && ok
	}
	for name, requires := range Ordered(s.DependentRequired) {
		if _, there := members[name]; !there {
			continue
		}
		for _, required := range requires {
			_, there := members[required]
			ok = e.demand(there, at, "dependentRequired", "has "+name+" and lacks "+required) && ok
		}
	}
	for name, of := range Ordered(s.DependentSchemas) {
		if _, there := members[name]; there {
			ok = e.valid(of, members, at, own) && ok
		}
	}
	if s.UnevaluatedProperties != nil {
		for name, value := range Ordered(members) {
			if !own.members[name] {
				own.member(name)
				ok = e.valid(s.UnevaluatedProperties, value, &place{name, at}, nil) && ok
			}
		}
	}
	return ok
}

// member evaluates the schemas of one member.
func (e *evaluation) member(s *schema, name string, value any, at *place, own *evaluated) bool {
	ok := s.PropertyNames == nil || e.demand(e.holds(s.PropertyNames, name, nil), at, "propertyNames", "has a name that is not allowed")
	described := false
	apply := func(of *schema) {
		described = true
		own.member(name)
		ok = e.valid(of, value, at, nil) && ok
	}
	if of := s.Properties[name]; of != nil {
		apply(of)
	}
	for _, p := range s.named {
		if p.pattern.MatchString(name) {
			apply(p.schema)
		}
	}
	if s.AdditionalProperties != nil && !described {
		apply(s.AdditionalProperties)
	}
	return ok
}
