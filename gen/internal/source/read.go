package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may be nested in a file.
const MaxDepth = 512

// indexedFrom is how many members an object has before they get an index.
const indexedFrom = 16

// Read reads a whole JSON file. name is what problems call it. The error is
// Problems: the first syntax error, or every duplicate member.
func Read(name string, data []byte) (*File, error) {
	r := &reader{file: &File{Name: name, lines: []int{0}}, data: data}
	for i, c := range data {
		if c == '\n' {
			r.file.lines = append(r.file.lines, i+1)
		}
	}
	if bad := invalidUTF8(data); bad >= 0 {
		return nil, Problems{r.problem(bad, "this is not UTF-8", "a schema is JSON text in UTF-8")}
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return nil, Problems{r.problem(0, "the file begins with a byte order mark", "remove it")}
	}
	root, err := r.document()
	if err != nil {
		return nil, Problems{*err}
	}
	if perr := r.repeated.Err(); perr != nil {
		return nil, perr
	}
	r.file.Root = root
	return r.file, nil
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

type reader struct {
	file     *File
	data     []byte
	at       int
	depth    int
	repeated Problems
}

func (r *reader) problem(at int, message, hint string) Problem {
	return Problem{Position: r.file.position(at), Message: message, Hint: hint}
}

func (r *reader) fail(format string, args ...any) *Problem {
	message := fmt.Sprintf(format, args...)
	if r.at >= len(r.data) {
		message = "the file ends in the middle of a value"
	}
	p := r.problem(r.at, message, "a schema is one JSON value")
	return &p
}

func (r *reader) document() (*Value, *Problem) {
	v, err := r.value(nil, "")
	if err != nil {
		return nil, err
	}
	if r.space(); r.at < len(r.data) {
		return nil, r.fail("something follows the JSON value")
	}
	return v, nil
}

func (r *reader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// peek returns the next byte that is not space, 0 at the end.
func (r *reader) peek() byte {
	if r.space(); r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

func (r *reader) value(parent *Value, token string) (*Value, *Problem) {
	c := r.peek()
	v := &Value{file: r.file, offset: r.at, parent: parent, token: token}
	switch {
	case c == '{':
		return v, r.nested(v, r.object)
	case c == '[':
		return v, r.nested(v, r.array)
	case c == '"':
		v.Kind = String
		var err *Problem
		v.Text, err = r.text()
		return v, err
	case c == '-' || c >= '0' && c <= '9':
		v.Kind = Number
		return v, r.number(v)
	}
	return v, r.word(v)
}

func (r *reader) nested(v *Value, read func(*Value) *Problem) *Problem {
	if r.depth++; r.depth > MaxDepth {
		return r.fail("values are nested deeper than %d", MaxDepth)
	}
	r.at++
	err := read(v)
	r.depth--
	return err
}

func (r *reader) object(v *Value) *Problem {
	v.Kind = Object
	seen := map[string]*Value{}
	if r.peek() == '}' {
		r.at++
		return nil
	}
	for {
		if r.peek() != '"' {
			return r.fail("a member's name is missing")
		}
		at := r.at
		name, err := r.text()
		if err != nil {
			return err
		}
		if r.peek() != ':' {
			return r.fail("a colon is missing after the name %s", Quote(name))
		}
		r.at++
		member, err := r.value(v, name)
		if err != nil {
			return err
		}
		if seen[name] != nil {
			p := r.problem(at, "the member "+Quote(name)+" stands here for the second time", "keep one of them")
			p.Pointer = member.Pointer()
			r.repeated = append(r.repeated, p)
		}
		seen[name] = member
		v.Members = append(v.Members, Member{name, member})
		switch r.peek() {
		case ',':
			r.at++
		case '}':
			r.at++
			if len(v.Members) > indexedFrom {
				v.index = seen
			}
			return nil
		default:
			return r.fail("a comma or the end of the object is missing")
		}
	}
}

func (r *reader) array(v *Value) *Problem {
	v.Kind = Array
	if r.peek() == ']' {
		r.at++
		return nil
	}
	for {
		item, err := r.value(v, strconv.Itoa(len(v.Items)))
		if err != nil {
			return err
		}
		v.Items = append(v.Items, item)
		switch r.peek() {
		case ',':
			r.at++
		case ']':
			r.at++
			return nil
		default:
			return r.fail("a comma or the end of the array is missing")
		}
	}
}

// text reads a string; encoding/json checks and decodes the text between the quotes.
func (r *reader) text() (string, *Problem) {
	start := r.at
	for i := start + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '\\':
			i++
		case c < ' ':
			r.at = i
			return "", r.fail("a control character stands in a string")
		case c == '"':
			var s string
			if err := json.Unmarshal(r.data[start:i+1], &s); err != nil {
				return "", r.fail("this is not a JSON string")
			}
			r.at = i + 1
			return s, nil
		}
	}
	r.at = len(r.data)
	return "", r.fail("")
}

func (r *reader) number(v *Value) *Problem {
	start := r.at
	end := start
	for end < len(r.data) && strings.IndexByte("+-.eE0123456789", r.data[end]) >= 0 {
		end++
	}
	if !json.Valid(r.data[start:end]) {
		return r.fail("this is not a JSON number")
	}
	v.Text = string(r.data[start:end])
	r.at = end
	return nil
}

func (r *reader) word(v *Value) *Problem {
	rest := r.data[r.at:]
	for word, value := range map[string]Value{"null": {Kind: Null}, "true": {Kind: Bool, True: true}, "false": {Kind: Bool}} {
		if bytes.HasPrefix(rest, []byte(word)) {
			v.Kind, v.True = value.Kind, value.True
			r.at += len(word)
			return nil
		}
	}
	return r.fail("this is not a JSON value")
}
