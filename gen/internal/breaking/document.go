package breaking

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/internal/jsonpointer"
)

// document is a schema as it is written: JSON, numbers as json.Number.
type document map[string]any

func parse(name string, text []byte) (document, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var d document
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one JSON value", name)
	}
	return d, nil
}

// pointer is the place of a value in a document, as unescaped tokens.
type pointer []string

func (p pointer) String() string {
	var b strings.Builder
	b.WriteByte('#')
	for _, token := range p {
		b.WriteByte('/')
		b.WriteString(jsonpointer.Escape(token))
	}
	return b.String()
}

// to returns the place below p.
func (p pointer) to(tokens ...string) pointer { return slices.Concat(p, tokens) }

// at returns the value at a place, and whether there is one.
func at(v any, p pointer) (any, bool) {
	for _, token := range p {
		switch parent := v.(type) {
		case document:
			child, there := parent[token]
			if !there {
				return nil, false
			}
			v = child
		case map[string]any:
			child, there := parent[token]
			if !there {
				return nil, false
			}
			v = child
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(parent) {
				return nil, false
			}
			v = parent[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// object returns the object at a place, nil if there is none.
func (d document) object(p pointer) map[string]any {
	v, _ := at(d, p)
	o, _ := v.(map[string]any)
	return o
}

// with returns a copy of the document that has the value at a place; nothing is
// the absence of a value. The copy shares what did not change.
func (d document) with(p pointer, v any) (document, error) {
	changed, err := replace(map[string]any(d), p, v)
	if err != nil {
		return nil, err
	}
	return document(changed.(map[string]any)), nil
}

// nothing is the value of a member that is not there.
type nothing struct{}

func replace(parent any, p pointer, v any) (any, error) {
	if len(p) == 0 {
		return v, nil
	}
	switch parent := parent.(type) {
	case map[string]any:
		child, err := replace(parent[p[0]], p[1:], v)
		if err != nil {
			return nil, err
		}
		c := maps.Clone(parent)
		if child == (nothing{}) {
			delete(c, p[0])
		} else {
			c[p[0]] = child
		}
		return c, nil
	case []any:
		i, err := strconv.Atoi(p[0])
		if err != nil || i < 0 || i >= len(parent) {
			return nil, fmt.Errorf("no item %s", p[0])
		}
		child, err := replace(parent[i], p[1:], v)
		if err != nil {
			return nil, err
		}
		c := slices.Clone(parent)
		c[i] = child
		return c, nil
	}
	return nil, fmt.Errorf("nothing to hold %s", p[0])
}

// same reports whether two JSON values are equal. Numbers are compared as written.
func same(a, b any) bool { return text(a) == text(b) }

// text writes a value as JSON, members sorted.
func text(v any) string {
	if v == (nothing{}) {
		return "nothing"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// keys returns the names of both objects' members, sorted.
func keys(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// strings returns the strings of a list.
func stringsOf(v any) (list []string) {
	items, _ := v.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			list = append(list, s)
		}
	}
	return list
}
