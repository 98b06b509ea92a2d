package model

import "github.com/xraph/dispatch/gen/internal/source"

// Protocol is what happens around the messages.
type Protocol struct {
	Methods  []*Method
	Events   []*Event
	Errors   []*Code
	Scopes   []*Scope
	Channels []*Channel
	// Options are the option constructors, in the order of their first method.
	Options []*Option
}

// Idempotency says whether a method may be repeated.
type Idempotency uint8

// Whether a method may be repeated.
const (
	Unsafe Idempotency = iota
	Idempotent
	Safe
)

// Method is a method of the protocol.
type Method struct {
	Wire        string // its name on the wire
	Const       string // the wire name as part of Go identifiers
	Name        string // the Go method, "" where there is no stub
	Description string
	Request     *Struct // nil: no data
	Response    *Type   // nil: no data
	NoResult    bool    // the stub drops the response
	Args        []*Field
	Options     []*Option
	Scope       *Scope // nil: none
	Idempotency Idempotency
	Blocking    bool
	Session     bool // the runtime performs it
	// Unimplemented methods are declared by name and answered with 405.
	Unimplemented bool
	Value         *source.Value
}

// Option is an option constructor, such as WithQueue.
type Option struct {
	Name    string // WithQueue
	Field   *Field // of the first method that has it
	Methods []*Method
}

// Event is an event type with its payload.
type Event struct {
	Type        string
	Const       string // the Go constant
	Enum        *Enum  // the enum that it is a value of
	Payload     *Struct
	Description string
	Value       *source.Value
}

// Code is an error code.
type Code struct {
	Number      string
	Name        string // as part of Go identifiers
	Description string
	Value       *source.Value
}

// Scope is what a token may be allowed.
type Scope struct {
	Name        string
	Const       string // as part of Go identifiers
	Description string
	Value       *source.Value
}

// Channel is what can be subscribed to.
type Channel struct {
	Name        string // the whole name, or the prefix before Param
	Const       string // as part of Go identifiers
	Param       string // the Go parameter, "" for a channel without
	Description string
	Value       *source.Value
}
