package msgpack

import (
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// Optional is the coder of optional members; make it by [OptionalOf].
type Optional[T any, C Coder[T]] struct{ elem C }

// OptionalOf is the coder of an [codec.Optional] of what has a coder: absent, nil or a value.
func OptionalOf[T any, C Coder[T]](elem C) Optional[T, C] { return Optional[T, C]{elem} }

// Append implements [Coder].
func (c Optional[T, C]) Append(b []byte, v *codec.Optional[T]) ([]byte, error) {
	return PointerOf(c.elem).Append(b, &v.Value)
}

// Read implements [Coder].
func (c Optional[T, C]) Read(b []byte, v *codec.Optional[T]) ([]byte, error) {
	var value *T
	b, err := PointerOf(c.elem).Read(b, &value)
	if err == nil {
		*v = codec.Optional[T]{Value: value, Null: value == nil}
	}
	return b, err
}

// Size implements [Coder].
func (c Optional[T, C]) Size(v *codec.Optional[T]) int { return PointerOf(c.elem).Size(&v.Value) }

// Absent implements [Coder].
func (Optional[T, C]) Absent(v *codec.Optional[T]) bool { return v.IsZero() }

// Null is the coder of [codec.Null].
type Null struct{}

// Append implements [Coder].
func (Null) Append(b []byte, _ *codec.Null) ([]byte, error) { return msgp.AppendNil(b), nil }

// Read implements [Coder].
func (Null) Read(b []byte, _ *codec.Null) ([]byte, error) { return msgp.ReadNilBytes(b) }

// Size implements [Coder].
func (Null) Size(*codec.Null) int { return msgp.NilSize }

// Absent implements [Coder].
func (Null) Absent(*codec.Null) bool { return false }
