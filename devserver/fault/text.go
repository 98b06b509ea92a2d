package fault

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file writes the text form: the name of the fault and then, separated by colons and in this
// order, the kind of the match, the parameters, and the narrowing of the match.

// synonyms are the keys for the requests and replies of some methods: before a method is served,
// and after it.
var synonyms = map[string]what{
	"before": whatRequests, "requests": whatRequests, "after": whatReplies, "replies": whatReplies, "events": whatEvents,
}

func (f Fault) text() string {
	fields := append([]string{string(f.name)}, f.match.writeKind()...)
	fields = append(fields, f.writeParams()...)
	return strings.Join(append(fields, f.match.writeLimits()...), ":")
}

// writeParams returns the parameters that are not zero, and the one without a key.
func (f Fault) writeParams() (fields []string) {
	number := func(key string, n int) {
		if kinds[f.name].bare == key {
			fields = append(fields, strconv.Itoa(n))
		} else if n != 0 {
			fields = append(fields, key+"="+strconv.Itoa(n))
		}
	}
	p := f.params
	number("code", p.Code)
	if f.name == NameDelay {
		fields = append(fields, p.Delay.String())
	}
	number("bytes", p.Bytes)
	number("rate", p.Rate)
	if p.Text != "" {
		fields = append(fields, "text="+plain(p.Text))
	}
	for _, key := range slices.Sorted(maps.Keys(p.Header)) {
		for _, value := range p.Header[key] {
			fields = append(fields, "header="+plain(key+"="+value))
		}
	}
	if f.name == NameRewrite || f.name == NameDo {
		fields = append(fields, "func")
	}
	return fields
}

// writeKind returns the kind of the match with its names.
func (m Match) writeKind() []string {
	if m.what == whatAll {
		return nil
	}
	if len(m.names) == 0 {
		return []string{string(m.what)}
	}
	key := string(m.what)
	switch m.what {
	case whatRequests:
		key = "before"
	case whatReplies:
		key = "after"
	default: // the name of the kind
	}
	var names []string
	for _, name := range m.names {
		names = append(names, plain(name))
	}
	return []string{key + "=" + strings.Join(names, ",")}
}

// writeLimits returns what narrows the match.
func (m Match) writeLimits() (fields []string) {
	if m.where != nil {
		fields = append(fields, "where=func")
	}
	number := func(key string, n int) {
		if n != 0 {
			fields = append(fields, key+"="+strconv.Itoa(n))
		}
	}
	number("conn", m.conn)
	if m.perConn {
		fields = append(fields, "perconn")
	}
	number("skip", m.skip)
	number("first", m.first)
	number("every", m.every)
	return fields
}

// plain returns a text as it is if it needs no quotes, and quoted as in Go otherwise.
func plain(s string) string {
	const marks = " ._-/*@+="
	special := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(marks, r)
	}
	if s == "" || strings.ContainsFunc(s, special) {
		return strconv.Quote(s)
	}
	return s
}

// split splits a text at a mark, except within quotes.
func split(s string, mark byte) (parts []string, err error) {
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case mark:
			parts, start = append(parts, s[start:i]), i+1
		case '"':
			quoted, err := strconv.QuotedPrefix(s[i:])
			if err != nil {
				return nil, err
			}
			i += len(quoted) - 1
		}
	}
	return append(parts, s[start:]), nil
}

// unquote reverses plain.
func unquote(s string) (string, error) {
	if strings.Contains(s, `"`) {
		return strconv.Unquote(s)
	}
	return s, nil
}
