// Package schema holds the source of truth: the JSON Schema of the Dispatch
// Wire Protocol, and the meta-schema of the keywords that it adds.
package schema

import _ "embed"

//go:generate go run github.com/xraph/dispatch/cmd/dwpgen docs -schema dwp.json -out ../docs/PROTOCOL.md

// DWP is dwp.json: plain JSON Schema 2020-12 with the x-dwp-* vocabulary that
// README.md explains. It must not be changed.
//
//go:embed dwp.json
var DWP []byte

// Vocabulary is vocabulary.json: the meta-schema of schemas such as DWP. It is
// JSON Schema 2020-12's own with the x-dwp-* keywords added, of which it
// refuses those that it does not know. It must not be changed.
//
//go:embed vocabulary.json
var Vocabulary []byte
