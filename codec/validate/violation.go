package validate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xraph/dispatch/internal/jsonpointer"
	"github.com/xraph/dispatch/internal/quote"
)

// Violation is a demand of the schema that a value does not meet.
type Violation struct {
	Pointer string // to the value, in the value that was validated (RFC 6901)
	Keyword string // of the schema: minLength, required, …
	Detail  string // what is wrong, in words
}

// String says it in one line. It leaves out the middle of a long pointer.
func (v Violation) String() string {
	if v.Pointer == "" {
		return v.Detail + " (" + v.Keyword + ")"
	}
	return quote.Shorten(v.Pointer) + ": " + v.Detail + " (" + v.Keyword + ")"
}

// Violations are all that a Validate method found. As an error they are never empty; see
// [Violations.Err].
type Violations []Violation //nolint:errname // a list first, an error only by Err

// Error lists them, a line each.
func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i, one := range v {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns v as an error, nil if there is no violation. For generated code.
func (v Violations) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// Add notes a violation. The pointer is made of the names and indices in path. For generated code.
func (v *Violations) Add(keyword, detail string, path ...any) {
	*v = append(*v, Violation{Pointer: Pointer(path...), Keyword: keyword, Detail: detail})
}

// Nest notes what the Validate method of a part returned; path leads to the part.
// For generated code.
func (v *Violations) Nest(err error, path ...any) {
	if err == nil {
		return
	}
	var inner Violations
	if !errors.As(err, &inner) {
		v.Add("", err.Error(), path...)
		return
	}
	prefix := Pointer(path...)
	for _, one := range inner {
		one.Pointer = prefix + one.Pointer
		*v = append(*v, one)
	}
}

// Pointer returns the JSON pointer (RFC 6901) made of names and indices.
func Pointer(path ...any) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(jsonpointer.Escape(fmt.Sprint(step)))
	}
	return b.String()
}
