package gen

import (
	"errors"

	"github.com/xraph/dispatch/gen/internal/docs"
)

// Docs makes the reference of a schema's protocol, in Markdown. Like Generate, it writes
// nothing and tells all that is wrong with the schema at once.
func Docs(schema, out string) (*Output, error) {
	if schema == "" || out == "" {
		return nil, errors.New("-schema and -out are needed")
	}
	m, notes, err := load(schema, "", "", false)
	if err != nil {
		return nil, err
	}
	text := docs.File(m, docs.Config{Schema: displayName(schema)})
	return &Output{Files: []File{{out, text}}, Notes: notes}, nil
}
