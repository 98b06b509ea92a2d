package msgpack

import (
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// Coders for members whose empty value is a value of its own, so that only nil is
// absent, or is never valid.
type (
	// NilSlice is [Slice] with nothing but nil absent; make it by [NilSliceOf].
	NilSlice[T any, C Coder[T]] struct{ Slice[T, C] }
	// NilMap is [Map] with nothing but nil absent; make it by [NilMapOf].
	NilMap[T any, C Coder[T]] struct{ Map[T, C] }
	// NilBytes is [Bytes] with nothing but nil absent.
	NilBytes[T ~[]byte] struct{ Bytes[T] }
	// NonEmptyString is [String] without the empty string, which it does not read
	// ([codec.ErrValue]).
	NonEmptyString[T ~string] struct{ String[T] }
	// NonZeroInt is [Int] without 0, which it does not read ([codec.ErrValue]).
	NonZeroInt[T codec.Integer] struct{ Int[T] }
	// Present is [Pointer] without nil, which it does not read ([codec.ErrType]); make it by
	// [PresentOf].
	Present[T any, C Coder[T]] struct{ Pointer[T, C] }
)

// NilSliceOf is the coder of lists of which only nil is absent.
func NilSliceOf[T any, C Coder[T]](elem C) NilSlice[T, C] {
	return NilSlice[T, C]{SliceOf(elem)}
}

// NilMapOf is the coder of maps of which only nil is absent.
func NilMapOf[T any, C Coder[T]](elem C) NilMap[T, C] { return NilMap[T, C]{MapOf(elem)} }

// PresentOf is the coder of pointers of which nil is absent, and null is not valid.
func PresentOf[T any, C Coder[T]](elem C) Present[T, C] { return Present[T, C]{PointerOf(elem)} }

// Absent implements [Coder].
func (NilSlice[T, C]) Absent(v *[]T) bool { return *v == nil }

// Absent implements [Coder].
func (NilMap[T, C]) Absent(v *map[string]T) bool { return *v == nil }

// Absent implements [Coder].
func (NilBytes[T]) Absent(v *T) bool { return *v == nil }

// Read implements [Coder].
func (c NonEmptyString[T]) Read(b []byte, v *T) ([]byte, error) {
	rest, err := c.String.Read(b, v)
	if err == nil && *v == "" {
		return b, &codec.Error{Kind: codec.ErrValue, Detail: "the empty string"}
	}
	return rest, err
}

// Read implements [Coder].
func (c NonZeroInt[T]) Read(b []byte, v *T) ([]byte, error) {
	rest, err := c.Int.Read(b, v)
	if err == nil && *v == 0 {
		return b, &codec.Error{Kind: codec.ErrValue, Detail: "0"}
	}
	return rest, err
}

// Read implements [Coder].
func (c Present[T, C]) Read(b []byte, v **T) ([]byte, error) {
	if msgp.IsNil(b) {
		return b, &codec.Error{Kind: codec.ErrType, Detail: "expected a value, not null"}
	}
	return c.Pointer.Read(b, v)
}
