package parse

import (
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// Dialect is a version of JSON Schema.
type Dialect uint8

// The dialects that are read.
const (
	Draft2020 Dialect = iota
	Draft2019
	Draft7
	Draft6
	Draft4
)

var dialects = map[string]Dialect{
	"https://json-schema.org/draft/2020-12/schema": Draft2020,
	"https://json-schema.org/draft/2019-09/schema": Draft2019,
	"http://json-schema.org/draft-07/schema":       Draft7,
	"http://json-schema.org/draft-06/schema":       Draft6,
	"http://json-schema.org/draft-04/schema":       Draft4,
}

func dialectOf(uri string) (Dialect, bool) {
	uri = strings.TrimSuffix(uri, "#")
	if d, ok := dialects[uri]; ok {
		return d, true
	}
	// The old drafts are often named with https, which jsonschema accepts too.
	d, ok := dialects["http"+strings.TrimPrefix(uri, "https")]
	return d, ok
}

// refStandsAlone reports whether the siblings of a $ref are ignored.
func (d Dialect) refStandsAlone() bool { return d >= Draft7 }

// arrayItems reports whether an array in items is a tuple.
func (d Dialect) arrayItems() bool { return d >= Draft2019 }

func (l *loader) dialect(root *source.Value) Dialect {
	v := root.Member("$schema")
	if v == nil {
		return Draft2020
	}
	if v.Kind == source.String {
		if d, ok := dialectOf(v.Text); ok {
			return d
		}
	}
	l.problems.Add(v, "use https://json-schema.org/draft/2020-12/schema, http://json-schema.org/draft-07/schema# or http://json-schema.org/draft-04/schema#",
		"the dialect %s is not supported", v.JSON())
	return Draft2020
}
