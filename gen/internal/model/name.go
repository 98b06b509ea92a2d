package model

import (
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// initialisms are written in one case, as Go's own names are.
var initialisms = map[string]bool{}

func init() { //nolint:gochecknoinits // a set reads best as a list of words
	for word := range strings.FieldsSeq(`ACL API ASCII CPU CSS DB DLQ DNS EOF GID GUID HTML HTTP HTTPS
		ID IP JSON LHS OS PID QPS RAM RHS RPC SLA SMTP SQL SSE SSH TCP TLS TS TTL UDP UI UID URI
		URL UTC UTF8 UUID VM WS XML XMPP XSRF XSS`) {
		initialisms[word] = true
	}
}

// Exported is the exported Go identifier for a name of the schema: words begin
// with capitals, initialisms are capitals. It is "" if no letter is left.
func Exported(name string) string {
	out := capitals(name)
	switch r := first(out); {
	case out == "", unicode.IsUpper(r):
		return out
	case unicode.IsLetter(r):
		return "X" + out // 名前 and ß have no capitals
	default:
		return "N" + out
	}
}

// capitals joins the words of a name, each with a capital if its first letter has one.
func capitals(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		b.WriteString(capital(word))
	}
	return b.String()
}

// Unexported is the identifier of a parameter for a name of the schema.
func Unexported(name string) string {
	ws := words(name)
	if len(ws) == 0 {
		return ""
	}
	var b strings.Builder
	if upper := strings.ToUpper(ws[0]); initialisms[upper] {
		b.WriteString(strings.ToLower(ws[0]))
	} else {
		r, size := utf8.DecodeRuneInString(ws[0])
		b.WriteString(string(unicode.ToLower(r)) + ws[0][size:])
	}
	for _, word := range ws[1:] {
		b.WriteString(capital(word))
	}
	out := b.String()
	if !unicode.IsLetter(first(out)) {
		out = "n" + out
	}
	if token.IsKeyword(out) || taken[out] {
		out += "Value"
	}
	return out
}

// taken are the names that generated functions use themselves.
var taken = map[string]bool{
	"c": true, "ctx": true, "opts": true, "any": true, "string": true, "int": true, "bool": true,
	"error": true, "nil": true, "true": true, "false": true, "new": true, "r": true, "o": true,
	"context": true, "json": true, "time": true, "call": true, "discard": true, "byte": true,
	"append": true, "len": true, "codec": true, "msgp": true,
}

func capital(word string) string {
	upper := strings.ToUpper(word)
	if initialisms[upper] {
		return upper
	}
	// A plural of an initialism: ids is IDs.
	if singular, ok := strings.CutSuffix(upper, "S"); ok && initialisms[singular] {
		return singular + "s"
	}
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[size:]
}

// words splits a name at what is neither letter nor digit and where lower case
// turns into upper: scope_app_id and scopeAppId are the same words.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			lowerBefore := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			lowerAfter := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if lowerBefore || unicode.IsUpper(runes[i-1]) && lowerAfter {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return out
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// placeName makes a name for a schema that is referred to where it stands
// inside another: of the nearest definition and the members on the way, or of
// the file that it is the root of.
func (b *builder) placeName(s *parse.Schema) string {
	var parts []string
	for v := s.Value; v.Parent() != nil; v = v.Parent() {
		switch token := v.Token(); token {
		case "properties", "$defs", "definitions", "allOf", "oneOf", "anyOf":
		case "items":
			parts = append(parts, "Item")
		case "additionalProperties":
			parts = append(parts, "Value")
		default:
			parts = append(parts, Exported(token))
		}
	}
	file := Exported(fileBase(s.Value.File().Name))
	if len(parts) == 0 {
		return file
	}
	slices.Reverse(parts)
	name := strings.Join(parts, "")
	if other := b.named[name]; other != nil && other != s && other.Value.File() != s.Value.File() {
		return file + name // the same name in two files
	}
	return name
}
