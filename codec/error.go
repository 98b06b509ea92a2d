package codec

import (
	"errors"
	"strconv"

	"github.com/xraph/dispatch/internal/quote"
)

// The kinds of errors, for [errors.Is]. Every error of a [Scanner] is an [*Error] of one kind.
var (
	// ErrSyntax: the input is not JSON, or not msgpack.
	ErrSyntax = errors.New("malformed input")
	// ErrDepth: the input is nested deeper than the limit.
	ErrDepth = errors.New("nested too deeply")
	// ErrUTF8: a string is not UTF-8, where that is asked for.
	ErrUTF8 = errors.New("invalid UTF-8")
	// ErrType: a value is not of the type that is expected.
	ErrType = errors.New("wrong type")
	// ErrRange: a number does not fit into its Go type.
	ErrRange = errors.New("out of range")
	// ErrDuplicate: an object has a member twice, where that is refused.
	ErrDuplicate = errors.New("duplicate member")
	// ErrMissing: an object lacks a required member.
	ErrMissing = errors.New("missing member")
	// ErrUnknown: an object has a member that its schema refuses.
	ErrUnknown = errors.New("unknown member")
	// ErrValue: a value is of the right type, but not one that is allowed.
	ErrValue = errors.New("value not allowed")
)

// Error says where and why a document was refused. It wraps its kind.
type Error struct {
	Kind    error  // ErrSyntax, ErrType, …
	Offset  int    // of the offending byte or value in the input
	Pointer string // to the value (RFC 6901), "" for the document itself
	Detail  string // what was found or expected; may be empty

	around  bool // it concerns the container that is open at Offset
	located bool
}

// locate finds the pointer. That takes as long as reading the document up to there, so it is left
// for the error that counts: a value that may be of several types makes errors that are not
// reported.
func (e *Error) locate(data []byte) {
	if e.located {
		return
	}
	e.located = true
	open := places(data, e.Offset)
	if e.around {
		open = open[:max(0, len(open)-1)]
	}
	e.Pointer = render(open)
}

// Error says it in one line, without a package prefix. It leaves out the middle of a long pointer
// or detail.
func (e *Error) Error() string {
	text := e.Kind.Error()
	if e.Detail != "" {
		text += ": " + e.detail()
	}
	if e.Pointer != "" {
		text += " at " + quote.Shorten(e.Pointer)
	}
	return text + " (offset " + strconv.Itoa(e.Offset) + ")"
}

// detail is the detail as it is quoted: violations are listed in full, for they quote what is
// bounded themselves.
func (e *Error) detail() string {
	if errors.Is(e.Kind, ErrValue) {
		return e.Detail
	}
	return quote.Shorten(e.Detail)
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }
