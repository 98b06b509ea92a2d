package msgpack

import "github.com/tinylib/msgp/msgp"

// Interface is the coder of interfaces that are nil for null; make it by [InterfaceOf].
type Interface[T any, C Coder[T]] struct{ elem C }

// InterfaceOf is the coder of an interface, nil for null, whose variants have a coder.
func InterfaceOf[T any, C Coder[T]](elem C) Interface[T, C] {
	return Interface[T, C]{elem}
}

// Append implements [Coder].
func (c Interface[T, C]) Append(b []byte, v *T) ([]byte, error) {
	if c.elem.Absent(v) {
		return msgp.AppendNil(b), nil
	}
	return c.elem.Append(b, v)
}

// Read implements [Coder].
func (c Interface[T, C]) Read(b []byte, v *T) ([]byte, error) {
	if msgp.IsNil(b) {
		var none T
		*v = none
		return msgp.ReadNilBytes(b)
	}
	return c.elem.Read(b, v)
}

// Size implements [Coder].
func (c Interface[T, C]) Size(v *T) int { return c.elem.Size(v) }

// Absent implements [Coder].
func (c Interface[T, C]) Absent(v *T) bool { return c.elem.Absent(v) }
