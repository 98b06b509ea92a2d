package client

// idempotency says what a second execution of a method does.
type idempotency uint8

const (
	notIdempotent idempotency = iota // the work twice
	idempotent                       // nothing that the first did not
	safe                             // nothing at all
)

// method is what the schema says about a method, as far as the runtime wants to know.
type method struct {
	name        string
	idempotency idempotency
	blocking    bool // the connection answers nothing else until it is done
	session     bool // the runtime calls it, and nobody else
}

// repeatable reports whether the method may be executed twice.
func (m *method) repeatable() bool { return m.idempotency != notIdempotent }
