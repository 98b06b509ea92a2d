package breaking

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/xraph/dispatch/internal/jsonnumber"
)

// relation is what is certain of two versions of a schema without a look at
// any document. What is not certain is searched for.
type relation struct {
	oldInNew bool // what the old one accepts, as its peers write it, the new one accepts
	newInOld bool
	// clientKeepsUnknown says that a client keeps what it reads and does not know.
	clientKeepsUnknown bool
	why                string
}

// unless returns the relation, or that nothing is certain at a non-monotonic place.
func (r relation) unless(nonMonotonic bool) relation {
	if nonMonotonic {
		r.oldInNew, r.newInOld, r.clientKeepsUnknown = false, false, false
	}
	return r
}

// enumRelation is that of an enum that gets more values, or fewer.
func enumRelation(old, new map[string]any, more bool) relation {
	r := narrower("fewer values")
	if more {
		r = wider("more values")
	}
	r.clientKeepsUnknown = keepsUnknown(old) && keepsUnknown(new)
	return r
}

// keepsUnknown reports whether generated code that reads this string keeps it, whatever it is.
func keepsUnknown(s map[string]any) bool {
	values, _ := s["enum"].([]any)
	return s["x-dwp-closed"] != true && (s["type"] == "string" || len(values) > 0 && len(stringsOf(values)) == len(values))
}

func wider(why string) relation    { return relation{oldInNew: true, why: why} }
func narrower(why string) relation { return relation{newInOld: true, why: why} }

// requiredRelation is that of a name that joins or leaves the required ones.
func requiredRelation(added bool) relation {
	if added {
		return narrower("more members are required")
	}
	return wider("fewer members are required")
}

// memberRelation is that of a member that comes or goes. Peers write the members that their version
// names, so the other version meets a member that it does not name, and ignores it, unless the
// schema says otherwise.
func memberRelation(old, new map[string]any, added bool) relation {
	if open(old) && open(new) {
		return relation{oldInNew: true, newInOld: true, why: "a member that one side does not name is ignored"}
	}
	if added {
		return relation{why: "the old schema says something of members that it does not name"}
	}
	return relation{why: "the new schema says something of members that it does not name"}
}

// open reports whether an object names members and ignores others.
func open(s map[string]any) bool {
	for _, keyword := range []string{"additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames", "maxProperties"} {
		if v, there := s[keyword]; there && v != true {
			return false
		}
	}
	named, _ := s["properties"].(map[string]any)
	return len(named) > 0 && (s["x-dwp-unknown"] == nil || s["x-dwp-unknown"] == "ignore")
}

// relate returns what is certain of a keyword's change.
func relate(keyword string, before, after any) relation {
	switch keyword {
	case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
		return bound(before, after, 1)
	case "minContains": // 1 if it is absent
		return bound(orOne(before), orOne(after), 1)
	case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains":
		return bound(before, after, -1)
	case "multipleOf":
		return step(before, after)
	case "type":
		return types(before, after)
	case "uniqueItems":
		if after == true {
			return narrower("items have to differ")
		}
		return wider("items may be equal")
	case "anyOf":
		return branches(before, after, true)
	case "allOf":
		return branches(before, after, false)
	case "x-dwp-closed":
		return relation{why: "what becomes of values that the enum does not list changes"}
	case "x-dwp-unknown":
		return relation{why: "what becomes of members that the schema does not name changes"}
	case "x-dwp-target", "x-dwp-go-name", "x-dwp-go-type", "x-dwp-go-prefix", "x-dwp-values", "x-dwp-unset", "x-dwp-skip":
		return relation{oldInNew: true, newInOld: true, why: "it changes no document"}
	case "$id", "$schema", "$anchor", "$vocabulary":
		return relation{why: "it changes what the document means"}
	case "oneOf", "if", "then", "else", "prefixItems":
		return relation{why: "one shape becomes another"}
	}
	switch { // the keyword restricts
	case before == nothing{}:
		return narrower(keyword + " is wanted")
	case after == nothing{}:
		return wider(keyword + " is no longer wanted")
	}
	return relation{why: keyword + " is another"}
}

// bound compares two values of a bound that narrows as it grows, or, with -1, as it shrinks.
func bound(before, after any, sign int) relation {
	switch {
	case before == nothing{}:
		return narrower("a bound is new")
	case after == nothing{}:
		return wider("a bound is gone")
	}
	old, okOld := before.(json.Number)
	now, okNew := after.(json.Number)
	if !okOld || !okNew {
		return relation{why: "a bound is another"}
	}
	if jsonnumber.Compare(string(now), string(old))*sign > 0 {
		return narrower("the bound is tighter")
	}
	return wider("the bound is looser")
}

func orOne(v any) any {
	if v == (nothing{}) {
		return json.Number("1")
	}
	return v
}

// step compares two values of multipleOf.
func step(before, after any) relation {
	switch {
	case before == nothing{}:
		return narrower("a step is new")
	case after == nothing{}:
		return wider("a step is gone")
	}
	old, okOld := new(big.Rat).SetString(fmt.Sprint(before))
	now, okNew := new(big.Rat).SetString(fmt.Sprint(after))
	if okOld && okNew && old.Sign() > 0 && now.Sign() > 0 {
		if new(big.Rat).Quo(now, old).IsInt() {
			return narrower("the step is longer")
		}
		if new(big.Rat).Quo(old, now).IsInt() {
			return wider("the step is shorter")
		}
	}
	return relation{why: "the step is another"}
}

// types compares two values of type.
func types(before, after any) relation {
	within := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(s string) bool {
			return !slices.Contains(b, s) && (s != "integer" || !slices.Contains(b, "number"))
		})
	}
	old, now := typeList(before), typeList(after)
	return relation{oldInNew: within(old, now), newInOld: within(now, old), why: "the types are others"}
}

// typeList returns the types that a value of the keyword allows.
func typeList(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	if v == (nothing{}) {
		return []string{"object", "array", "string", "number", "boolean", "null"}
	}
	return stringsOf(v)
}

// branches compares two lists of alternatives, or of demands.
func branches(before, after any, alternatives bool) relation {
	old, _ := before.([]any)
	now, _ := after.([]any)
	if len(old) == 0 || len(now) == 0 { // the keyword comes or goes
		if len(old) == 0 {
			return narrower("more is demanded")
		}
		return wider("less is demanded")
	}
	within := func(a, b []any) bool {
		return !slices.ContainsFunc(a, func(v any) bool {
			return !slices.ContainsFunc(b, func(other any) bool { return same(v, other) })
		})
	}
	if alternatives {
		return relation{oldInNew: within(old, now), newInOld: within(now, old), why: "the alternatives are others"}
	}
	return relation{oldInNew: within(now, old), newInOld: within(old, now), why: "the demands are others"}
}
