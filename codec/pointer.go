package codec

import (
	"strconv"
	"strings"

	"github.com/xraph/dispatch/internal/jsonpointer"
)

// place is the position of a walk through a document in one container.
type place struct {
	object bool
	name   bool // a member's name comes next
	key    []byte
	index  int
}

// places returns the position of an offset, in each container that is open there. Up to
// the offset it has been found valid. Only errors need it, so it walks the document again rather
// than having every reading keep count.
func places(data []byte, offset int) []place {
	var stack []place
	for i := 0; i < offset && i < len(data); i++ {
		switch c := data[i]; c {
		case '{':
			stack = append(stack, place{object: true, name: true})
		case '[':
			stack = append(stack, place{})
		case '}', ']':
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		case ',':
			if len(stack) > 0 {
				top := &stack[len(stack)-1]
				top.index++
				top.name, top.key = top.object, nil
			}
		case '"':
			end := quoted(data, i)
			if len(stack) > 0 {
				if top := &stack[len(stack)-1]; top.name {
					top.name, top.key = false, data[i:end]
				}
			}
			i = end - 1
		}
	}
	if len(stack) == 0 || offset >= len(data) {
		return stack
	}
	top := &stack[len(stack)-1]
	if data[offset] == '"' && top.name {
		top.key = data[offset:quoted(data, offset)]
	}
	return stack
}

// quoted returns the index after the string that begins at i.
func quoted(data []byte, i int) int {
	for i++; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(data))
}

// render returns the instance pointer (RFC 6901) of a place.
func render(stack []place) string {
	var b strings.Builder
	for _, p := range stack {
		switch {
		case !p.object:
			b.WriteByte('/')
			b.WriteString(strconv.Itoa(p.index))
		case p.key != nil:
			name := Scanner{data: p.key}
			b.WriteByte('/')
			b.WriteString(jsonpointer.Escape(string(name.str())))
		}
	}
	return b.String()
}
