package gen

import "github.com/xraph/dispatch/gen/internal/docs"

// Docs makes the reference of a schema's protocol, in Markdown. Like [Generate], it writes nothing
// and reports everything that is wrong with the schema at once. It may be called concurrently.
func Docs(cfg DocsConfig) (*Output, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	m, notes, err := load(Config{Schema: cfg.Schema, Names: cfg.Names})
	if err != nil {
		return nil, err
	}
	text := docs.File(m, docs.Config{Schema: displayName(cfg.Schema)})
	return &Output{Files: []File{{cfg.Out, text}}, Notes: notes}, nil
}
