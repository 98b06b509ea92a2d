package docs

import (
	"fmt"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// typeName is a type as a table names it, "" for none.
func (p *printer) typeName(t *model.Type) string {
	if t == nil {
		return ""
	}
	return p.raw(t)
}

// phrase is raw with an article where that reads better.
func (p *printer) phrase(t *model.Type) string {
	s := p.raw(t)
	switch {
	case strings.HasPrefix(s, "any "), strings.HasPrefix(s, "["), strings.HasPrefix(s, "`"), strings.HasPrefix(s, "null"):
		return s
	case strings.ContainsAny(s[:1], "aeio"):
		return "an " + s
	}
	return "a " + s
}

// raw is a type in words, with what is demanded of its values and links to declarations.
func (p *printer) raw(t *model.Type) string {
	if t.Checks.Const != nil {
		return code(t.Checks.Const.JSON())
	}
	var s string
	switch t.Kind {
	case model.Bool:
		s = "boolean"
	case model.Int:
		s = "integer"
		if t.Bits > 0 {
			s = fmt.Sprintf("integer of %d bits", t.Bits)
			if t.Unsigned {
				s += " without sign"
			}
		}
	case model.Float:
		s = "number"
	case model.Bytes:
		s = "bytes in " + link("base64", "formats")
	case model.Time:
		s = link("time", "formats")
	case model.Duration:
		s = "duration in " + units[t.Unit]
	case model.JSON, model.Any, model.Invalid:
		s = "any JSON"
	case model.NullOnly:
		s = "null"
	case model.List:
		s = "list of " + p.raw(t.Elem)
	case model.Map:
		s = "map of strings to " + p.raw(t.Elem)
	case model.Nullable:
		return p.raw(t.Elem) + ", or null"
	case model.Named:
		about := t.Decl.Info()
		s = link(text(name(about)), typeAnchor(about))
	default:
		s = "string"
		if t.Checks.Format != "" {
			s = t.Checks.Format
		}
	}
	return strings.Join(append([]string{s}, demands(t)...), ", ")
}

var units = map[string]string{"ns": "nanoseconds", "us": "microseconds", "ms": "milliseconds", "s": "seconds"}

// demands are what the checks of a type say, in words.
func demands(t *model.Type) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	c := &t.Checks
	switch {
	case c.MinLength != nil && c.MaxLength != nil:
		add("of %d to %d characters", *c.MinLength, *c.MaxLength)
	case c.MinLength != nil && *c.MinLength == 1:
		add("not empty")
	case c.MinLength != nil && *c.MinLength > 0:
		add("of at least %d characters", *c.MinLength)
	case c.MaxLength != nil:
		add("of at most %d characters", *c.MaxLength)
	}
	if c.Pattern != "" {
		add("matching %s", code(c.Pattern))
	}
	bound(c.Min, "at least", "above", add)
	bound(c.Max, "at most", "below", add)
	if c.MultipleOf != "" {
		add("a multiple of %s", c.MultipleOf)
	}
	if c.MinItems != nil && *c.MinItems > 0 {
		add("at least %d", *c.MinItems)
	}
	if c.MaxItems != nil {
		add("at most %d", *c.MaxItems)
	}
	if c.Unique {
		add("each once")
	}
	if c.KeyPattern != "" {
		add("names matching %s", code(c.KeyPattern))
	}
	return out
}

func bound(b *model.Bound, inclusive, exclusive string, add func(string, ...any)) {
	switch {
	case b == nil:
	case b.Exclusive:
		add("%s %s", exclusive, b.Number)
	default:
		add("%s %s", inclusive, b.Number)
	}
}

// formats says how the session's encodings are called, and how values are
// written that JSON has no type for.
func (p *printer) formats() {
	for _, m := range p.model.Protocol.Methods {
		if !m.Session || m.Request == nil {
			continue
		}
		for _, f := range m.Request.Fields {
			if e := f.Type.Underlying().Enum(); e != nil {
				p.line("")
				p.line("The member %s of %s chooses %s:", code(f.JSON), link(code(m.Wire), anchor("method", m.Wire)), strings.TrimSuffix(e.Title, "."))
				p.line("")
				for _, v := range e.Values {
					p.line("- %s: %s", code(v.Value.Text), text(sentence(v.Description)))
				}
			}
		}
	}
	p.table([]string{"Value", "In JSON", "In msgpack"}, [][]string{
		{"time", "a string by RFC 3339, with a fraction down to nanoseconds", "the timestamp extension, type -1"},
		{"bytes", "a string in base64 by RFC 4648, padded", "bin"},
		{"duration", "an integer in the unit given for the member", "an integer"},
		{"any JSON", "as it is", "bin holding JSON text"},
	})
	p.line("")
	p.line("An optional member that is absent is left out, never null, unless its type names null. Members that a peer does not know are ignored.")
}
