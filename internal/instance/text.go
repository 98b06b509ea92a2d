package instance

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// text makes a string within the demands' bounds, a bound itself among the likely ones.
func (g *Generator) text(demands []*jsonschema.Schema) (any, bool) {
	least, most := 0, -1
	var matching, formatted, content *jsonschema.Schema
	for _, s := range demands {
		least = max(least, s.MinLength)
		if s.MaxLength >= 0 && (most < 0 || s.MaxLength < most) {
			most = s.MaxLength
		}
		if s.Pattern != nil {
			matching = s
		}
		if s.Format != "" {
			formatted = s
		}
		if s.ContentEncoding == "base64" || s.ContentMediaType == "application/json" {
			content = s
		}
	}
	if most >= 0 && most < least {
		return nil, false
	}
	if content != nil {
		return g.content(content), true
	}
	if formatted != nil {
		if v, known := g.formatted(formatted.Format); known {
			return v, true
		}
	}
	if matching != nil {
		v, ok := g.match(matching.Pattern, least)
		return v, ok
	}
	size := least + g.rand.IntN(12)
	switch g.rand.IntN(6) {
	case 0:
		size = least
	case 1:
		size = least + g.rand.IntN(300)
		if most >= 0 {
			size = most
		}
	}
	if most >= 0 {
		size = min(size, most)
	}
	if size > 10_000 {
		return nil, false
	}
	return g.letters(size), true
}

// content makes what contentEncoding and contentMediaType describe.
func (g *Generator) content(s *jsonschema.Schema) string {
	data := g.bytes(g.rand.IntN(40))
	if s.ContentMediaType == "application/json" {
		text, err := json.Marshal(g.anything(maxDepth - 1))
		if err != nil {
			panic(err) // it is made of what encoding/json takes
		}
		data = text
	}
	if s.ContentEncoding == "base64" {
		return base64.StdEncoding.EncodeToString(data)
	}
	return string(data)
}

// alphabets are the characters that strings are made of: plain ones mostly, and
// those that encoders and decoders get wrong.
var alphabets = [][]rune{
	[]rune("abcdefghijklmnopqrstuvwxyz"),
	[]rune("abcdefghijklmnopqrstuvwxyz"),
	[]rune("abcXYZ0189 -_.:/"),
	[]rune("\"\\/\b\f\n\r\t\x00\x1f\x7f<>&'{}[],:"),
	[]rune("äßé\u0301\u00a0\u200d\u2028\u2029\ufeff\ufffd\uffff漢字"),
	[]rune("😀𝄞👩\u200d🚀\U0010ffff"),
}

// letters makes a string of that many characters.
func (g *Generator) letters(size int) string {
	var b strings.Builder
	alphabet := pick(g, alphabets)
	mixed := g.one(4)
	for range size {
		if mixed {
			alphabet = pick(g, alphabets)
		}
		b.WriteRune(pick(g, alphabet))
	}
	return b.String()
}

// word makes a string of that many small letters.
func (g *Generator) word(size int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte('a' + g.rand.IntN(26))
	}
	return string(b)
}
