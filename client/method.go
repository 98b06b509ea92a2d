package client

// idempotency is what a second execution of a method does.
type idempotency uint8

const (
	notIdempotent idempotency = iota // it does the work twice
	idempotent                       // it changes nothing more than the first
	safe                             // no execution changes anything
)

// method is what the runtime needs to know of a method in the schema.
type method struct {
	name        string
	idempotency idempotency
	blocking    bool // the connection answers nothing else until the call is done
	session     bool // only the runtime calls it
	discards    bool // its client's method returns nothing but an error
}

// repeatable reports whether the method may be executed twice.
func (m *method) repeatable() bool { return m.idempotency != notIdempotent }
