package msgpack

import "github.com/tinylib/msgp/msgp"

// Message is what every generated struct is in msgpack.
type Message interface {
	msgp.Marshaler
	msgp.Unmarshaler
	msgp.Sizer
}

// Coder writes values of T in msgpack and reads them. A coder has no state
// beyond what it was made of, so it may be used concurrently.
type Coder[T any] interface {
	// Append appends the value to b.
	Append(b []byte, v *T) ([]byte, error)
	// Read reads a value from the beginning of b and returns the rest.
	// It allocates no more than in proportion to what it reads.
	Read(b []byte, v *T) ([]byte, error)
	// Size is an upper bound of what Append appends.
	Size(v *T) int
	// Absent reports whether the value represents an absent member.
	Absent(v *T) bool
}

// Value is a value with the coder that knows it: what generated
// serializers call for what msgp's own have no type for.
type Value[T any, C Coder[T]] struct {
	value *T
	coder C
}

// ValueOf pairs a value with its coder.
func ValueOf[T any, C Coder[T]](value *T, coder C) Value[T, C] {
	return Value[T, C]{value, coder}
}

// MarshalMsg appends the value to b.
func (m Value[T, C]) MarshalMsg(b []byte) ([]byte, error) { return m.coder.Append(b, m.value) }

// UnmarshalMsg reads the value from the beginning of b and returns the rest.
func (m Value[T, C]) UnmarshalMsg(b []byte) ([]byte, error) { return m.coder.Read(b, m.value) }

// Msgsize is an upper bound of the value's size.
func (m Value[T, C]) Msgsize() int { return m.coder.Size(m.value) }

// IsZero reports whether the value represents an absent member.
func (m Value[T, C]) IsZero() bool { return m.coder.Absent(m.value) }
