package source

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a schema.
type Problem struct { //nolint:errname // a finding first: Problems are the error
	Position Position
	Pointer  string
	Message  string // what is wrong
	Hint     string // what would be right
}

// Error is the problem in one line: position, pointer, message, hint.
func (p Problem) Error() string {
	s := p.Position.String() + ": "
	if p.Pointer != "" {
		s += p.Pointer + ": "
	}
	s += p.Message
	if p.Hint != "" {
		s += ": " + p.Hint
	}
	return s
}

// Problems is everything that was found wrong, in the order of the files.
type Problems []Problem //nolint:errname // a list first, an error only by Err

// Error lists the problems, a line each.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Add appends a problem about v. The hint says what would be right.
func (ps *Problems) Add(v *Value, hint, format string, args ...any) {
	*ps = append(*ps, Problem{
		Position: v.Position(), Pointer: v.Pointer(),
		Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// Err sorts the problems by place, drops repeated ones and returns them as an
// error, nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.Sorted()
}

// Sorted returns the problems by file, line and column, each once.
func (ps Problems) Sorted() Problems {
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.Position.File, b.Position.File),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
		)
	})
	return slices.Compact(sorted)
}

// Quote writes s as a JSON string, without escaping what is special in HTML.
func Quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
