// Package source reads JSON and remembers the position of every value, so that
// whatever is found wrong with a schema later can be said with its file, line,
// column and JSON pointer.
package source

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/internal/jsonpointer"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

var kindNames = [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}

// String names the kind with its article, as in a sentence.
func (k Kind) String() string { return kindNames[k] }

// Value is one JSON value of a file. It is immutable once read.
type Value struct {
	Kind    Kind
	True    bool     // of a Bool
	Text    string   // a String's text, decoded, or a Number's literal, as written
	Items   []*Value // of an Array
	Members []Member // of an Object, in the order of the file

	file   *File
	offset int
	index  map[string]*Value // of an Object with many members
	parent *Value
	token  string // what leads from the parent here: a member's name or an index
}

// Member is a member of an object.
type Member struct {
	Name  string
	Value *Value
}

// File is a JSON file that has been read.
type File struct {
	Name string // as problems show it
	Root *Value

	lines []int // the offset of each line's first byte
}

// Position is a place in a file. Lines and columns count from 1; columns count bytes.
type Position struct {
	File         string
	Line, Column int
}

// String is the position as compilers print it: file:line:column.
func (p Position) String() string {
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// File is the file that the value is in.
func (v *Value) File() *File { return v.file }

// Position is where the value begins.
func (v *Value) Position() Position { return v.file.position(v.offset) }

func (f *File) position(offset int) Position {
	line := sort.SearchInts(f.lines, offset+1)
	return Position{File: f.Name, Line: line, Column: offset - f.lines[line-1] + 1}
}

// Pointer is the value's JSON pointer as a URI fragment: "#" is the root.
func (v *Value) Pointer() string {
	var tokens []string
	for ; v.parent != nil; v = v.parent {
		tokens = append(tokens, jsonpointer.Escape(v.token))
	}
	var b strings.Builder
	b.WriteByte('#')
	for _, token := range slices.Backward(tokens) {
		b.WriteByte('/')
		b.WriteString(token)
	}
	return b.String()
}

// Parent is the array or object that holds the value, nil for a root.
func (v *Value) Parent() *Value { return v.parent }

// Token is what leads from the parent to the value: a member's name or an index.
func (v *Value) Token() string { return v.token }

// Member returns the member of a name, nil if there is none or v is not an object.
func (v *Value) Member(name string) *Value {
	if v.index != nil {
		return v.index[name]
	}
	for i := range v.Members {
		if v.Members[i].Name == name {
			return v.Members[i].Value
		}
	}
	return nil
}

// At follows unescaped pointer tokens from v, nil if they lead nowhere.
func (v *Value) At(tokens ...string) *Value {
	for _, t := range tokens {
		if v == nil {
			return nil
		}
		switch v.Kind {
		case Object:
			v = v.Member(t)
		case Array:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(v.Items) || strconv.Itoa(i) != t {
				return nil
			}
			v = v.Items[i]
		default:
			return nil
		}
	}
	return v
}

// JSON is the value as compact JSON text.
func (v *Value) JSON() string {
	var b strings.Builder
	v.appendTo(&b)
	return b.String()
}

func (v *Value) appendTo(b *strings.Builder) {
	switch v.Kind {
	case Null:
		b.WriteString("null")
	case Bool:
		b.WriteString(strconv.FormatBool(v.True))
	case Number:
		b.WriteString(v.Text)
	case String:
		b.WriteString(Quote(v.Text))
	case Array:
		b.WriteByte('[')
		for i, item := range v.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.appendTo(b)
		}
		b.WriteByte(']')
	case Object:
		b.WriteByte('{')
		for i, m := range v.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(Quote(m.Name))
			b.WriteByte(':')
			m.Value.appendTo(b)
		}
		b.WriteByte('}')
	}
}

// Compare orders values of one file by where they begin.
func (v *Value) Compare(w *Value) int { return v.offset - w.offset }
