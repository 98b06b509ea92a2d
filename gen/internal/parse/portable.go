package parse

import (
	"regexp"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// Portable is a schema as JSON for a validator whose patterns are those of RE2. A pattern that RE2
// cannot say matches everything there.
func Portable(v *source.Value) string {
	return portableWithout(v, func(*source.Value) bool { return false })
}

// portableWithout is Portable with schemas left out, in whose places anything is valid.
func portableWithout(v *source.Value, skipped func(*source.Value) bool) string {
	p := portable{skipped: skipped}
	p.write(v, "")
	return p.b.String()
}

type portable struct {
	b       strings.Builder
	skipped func(*source.Value) bool
}

// write writes a value that is a member of that name.
func (p *portable) write(v *source.Value, name string) {
	b := &p.b
	if p.skipped(v) {
		b.WriteString("{}")
		return
	}
	switch v.Kind {
	case source.String:
		if name == "pattern" {
			b.WriteString(source.Quote(portablePattern(v.Text)))
			return
		}
		b.WriteString(v.JSON())
	case source.Array:
		for i, item := range v.Items {
			b.WriteString(separator("[", i))
			p.write(item, "")
		}
		b.WriteString(closing("[]", len(v.Items)))
	case source.Object:
		for i, m := range v.Members {
			b.WriteString(separator("{", i))
			key := m.Name
			if name == "patternProperties" {
				key = portablePattern(key)
			}
			b.WriteString(source.Quote(key) + ":")
			p.write(m.Value, m.Name)
		}
		b.WriteString(closing("{}", len(v.Members)))
	default:
		b.WriteString(v.JSON())
	}
}

func separator(open string, i int) string {
	if i == 0 {
		return open
	}
	return ","
}

func closing(brackets string, n int) string {
	if n == 0 {
		return brackets
	}
	return brackets[1:]
}

func portablePattern(pattern string) string {
	if out, err := RE2(pattern); err == nil {
		return out
	}
	if _, err := regexp.Compile(pattern); err == nil {
		return pattern
	}
	return ""
}
