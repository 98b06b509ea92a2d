// Package jsonpointer writes and reads the tokens of JSON pointers (RFC 6901).
package jsonpointer

import "strings"

var (
	escapes   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapes = strings.NewReplacer("~1", "/", "~0", "~")
)

// Escape returns a name as a token of a pointer.
func Escape(name string) string { return escapes.Replace(name) }

// Unescape returns the name that a token represents.
func Unescape(token string) string { return unescapes.Replace(token) }
