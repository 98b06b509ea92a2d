// Package schema holds the source of truth: the JSON Schema of the Dispatch
// Wire Protocol.
package schema

import _ "embed"

// DWP is dwp.json: plain JSON Schema 2020-12 with the x-dwp-* vocabulary that
// README.md explains. It must not be changed.
//
//go:embed dwp.json
var DWP []byte
