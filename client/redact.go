package client

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xraph/dispatch/internal/wire"
)

// shortSecret is the length, in characters, below which a secret is redacted only as a whole word.
// A shorter text may be a part of many words.
const shortSecret = 8

// secrets holds texts that a peer knows and may echo. No error, log or state may contain them. The
// zero value holds none.
type secrets struct {
	forms []form // longest first
	mark  string // replaces them
}

// form is one way to write a secret.
type form struct {
	text string
	word bool // match only whole words
}

// secrets returns the token, the passwords and the tokens in the URLs, and the credentials for the
// proxy, which is nil if there is none.
func (c *config) secrets(token string, proxy *url.URL) secrets {
	all := append([]string{token}, proxySecrets(proxy)...)
	for _, e := range c.endpoints {
		query := e.url.Query()
		all = slices.Concat(all, query["token"], query["access_token"])
		if password, ok := e.url.User.Password(); ok {
			all = append(all, password)
		}
	}
	return newSecrets(all...)
}

func newSecrets(texts ...string) (s secrets) {
	for _, text := range texts {
		word := utf8.RuneCountInString(text) < shortSecret
		quoted, _ := json.Marshal(text) //nolint:errchkjson // a string can always be encoded
		for _, way := range []string{
			text, string([]rune(text)), // JSON shows what is not UTF-8 so
			url.QueryEscape(text), url.PathEscape(text), inside(strconv.Quote(text)), inside(string(quoted)), jsonPlain(text),
		} {
			if f := (form{way, word}); way != "" && !slices.Contains(s.forms, f) {
				s.forms = append(s.forms, f)
			}
		}
	}
	slices.SortStableFunc(s.forms, func(a, b form) int { return len(b.text) - len(a.text) })
	for _, s.mark = range []string{"[redacted]", "***", ""} {
		if !s.in(s.mark) {
			break
		}
	}
	return s
}

// inside removes the quotation marks.
func inside(quoted string) string { return quoted[1 : len(quoted)-1] }

// jsonPlain returns the inside of a JSON string in which only the necessary characters are escaped.
func jsonPlain(text string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) //nolint:errchkjson // a string can always be encoded
	return inside(strings.TrimSuffix(b.String(), "\n"))
}

// in reports whether a text contains a secret.
func (s *secrets) in(text string) bool {
	return slices.ContainsFunc(s.forms, func(f form) bool { return f.index(text) >= 0 })
}

// text returns a text with each secret replaced by the mark.
func (s *secrets) text(text string) string {
	for range 4 { // a replacement may join its surroundings to a secret
		if !s.in(text) {
			return text
		}
		for _, f := range s.forms {
			text = f.replace(text, s.mark)
		}
	}
	return s.mark
}

// index returns where a text first contains the secret, or -1.
func (f form) index(text string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], f.text)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(f.text):])
		if !f.word || !isWordRune(before) && !isWordRune(after) {
			return i
		}
		from = i + 1
	}
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (f form) replace(text, mark string) string {
	var b strings.Builder
	for {
		i := f.index(text)
		if i < 0 {
			return b.String() + text
		}
		b.WriteString(text[:i] + mark)
		text = text[i+len(f.text):]
	}
}

// detail redacts the message and the details of a server's error.
func (s *secrets) detail(e *wire.ErrorDetail) {
	e.Message, e.Details = s.text(e.Message), s.json(e.Details)
}

// json redacts the strings and numbers of a JSON text, however they are escaped. Everything else
// keeps its bytes.
func (s *secrets) json(data json.RawMessage) json.RawMessage {
	if len(s.forms) == 0 || len(data) == 0 {
		return data
	}
	out := make(json.RawMessage, 0, len(data))
	for rest := data; len(rest) > 0; {
		n := literal(rest)
		out = append(out, s.literal(rest[:n])...)
		rest = rest[n:]
	}
	if s.in(string(out)) { // the secret spans more than one literal
		return json.RawMessage(inJSON(s.mark))
	}
	return out
}

// literal returns the length of the first token: a string, a number or name, or a run of syntax and
// whitespace.
func literal(data []byte) int {
	if data[0] != '"' {
		class := isSyntax(data[0])
		n := 1
		for n < len(data) && data[n] != '"' && isSyntax(data[n]) == class {
			n++
		}
		return n
	}
	for n := 1; n < len(data); n++ {
		switch data[n] {
		case '\\':
			n++
		case '"':
			return n + 1
		}
	}
	return len(data)
}

func isSyntax(b byte) bool { return strings.IndexByte("{}[]:, \t\r\n", b) >= 0 }

func (s *secrets) literal(data []byte) []byte {
	var text string
	switch {
	case isSyntax(data[0]):
		return data
	case json.Unmarshal(data, &text) == nil:
		if redacted := s.text(text); redacted != text {
			return inJSON(redacted)
		}
	case s.in(string(data)):
		return inJSON(s.mark)
	}
	return data
}

func inJSON(text string) []byte {
	data, _ := json.Marshal(text) //nolint:errchkjson // a string can always be encoded
	return data
}
