package msgpack

import (
	"maps"
	"slices"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/internal/quote"
)

// Struct is the coder of generated structs; make it by [StructOf].
type Struct[T any, P interface {
	*T
	Message
}] struct{}

// StructOf is the coder of a generated type.
func StructOf[T any, P interface {
	*T
	Message
}]() Struct[T, P] {
	return Struct[T, P]{}
}

// Append implements [Coder].
func (Struct[T, P]) Append(b []byte, v *T) ([]byte, error) { return P(v).MarshalMsg(b) }

// Read implements [Coder].
func (Struct[T, P]) Read(b []byte, v *T) ([]byte, error) { return P(v).UnmarshalMsg(b) }

// Size implements [Coder].
func (Struct[T, P]) Size(v *T) int { return P(v).Msgsize() }

// Absent implements [Coder]: a struct is never absent.
func (Struct[T, P]) Absent(*T) bool { return false }

// Slice is the coder of lists; make it by [SliceOf].
type Slice[T any, C Coder[T]] struct{ elem C }

// SliceOf is the coder of lists whose elements have a coder. An empty list is absent.
func SliceOf[T any, C Coder[T]](elem C) Slice[T, C] { return Slice[T, C]{elem} }

// Append implements [Coder].
func (c Slice[T, C]) Append(b []byte, v *[]T) ([]byte, error) {
	b = msgp.AppendArrayHeader(b, uint32(len(*v)))
	var err error
	for i := range *v {
		if b, err = c.elem.Append(b, &(*v)[i]); err != nil {
			return b, msgp.WrapError(err, i)
		}
	}
	return b, nil
}

// Read implements [Coder]. A count above what is left is refused before anything is allocated.
func (c Slice[T, C]) Read(b []byte, v *[]T) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return b, err
	}
	if uint64(n) > uint64(len(b)) {
		return b, msgp.ErrShortBytes
	}
	out := []T{}
	for i := range n {
		// Growing as the elements come: a wide T must not cost more than was sent.
		var elem T
		if b, err = c.elem.Read(b, &elem); err != nil {
			return b, msgp.WrapError(err, i)
		}
		out = append(out, elem)
	}
	*v = out
	return b, nil
}

// Size implements [Coder].
func (c Slice[T, C]) Size(v *[]T) int {
	n := msgp.ArrayHeaderSize
	for i := range *v {
		n += c.elem.Size(&(*v)[i])
	}
	return n
}

// Absent implements [Coder].
func (Slice[T, C]) Absent(v *[]T) bool { return len(*v) == 0 }

// Map is the coder of maps; make it by [MapOf].
type Map[T any, C Coder[T]] struct{ elem C }

// MapOf is the coder of maps from strings to what has a coder. They are
// written in the order of their keys. An empty map is absent.
func MapOf[T any, C Coder[T]](elem C) Map[T, C] { return Map[T, C]{elem} }

// Append implements [Coder].
func (c Map[T, C]) Append(b []byte, v *map[string]T) ([]byte, error) {
	b = msgp.AppendMapHeader(b, uint32(len(*v)))
	for _, key := range slices.Sorted(maps.Keys(*v)) {
		elem := (*v)[key]
		var err error
		if b, err = c.elem.Append(msgp.AppendString(b, key), &elem); err != nil {
			return b, msgp.WrapError(err, quote.Shorten(key))
		}
	}
	return b, nil
}

// Read implements [Coder]. A count above what is left is refused before anything is allocated.
func (c Map[T, C]) Read(b []byte, v *map[string]T) ([]byte, error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return b, err
	}
	if uint64(n)*2 > uint64(len(b)) {
		return b, msgp.ErrShortBytes
	}
	out := map[string]T{}
	for range n {
		var key []byte
		if key, b, err = msgp.ReadMapKeyZC(b); err != nil {
			return b, err
		}
		var elem T
		if b, err = c.elem.Read(b, &elem); err != nil {
			return b, msgp.WrapError(err, quote.Shorten(string(key)))
		}
		out[string(key)] = elem
	}
	*v = out
	return b, nil
}

// Size implements [Coder].
func (c Map[T, C]) Size(v *map[string]T) int {
	n := msgp.MapHeaderSize
	for key, elem := range *v {
		n += msgp.StringPrefixSize + len(key) + c.elem.Size(&elem)
	}
	return n
}

// Absent implements [Coder].
func (Map[T, C]) Absent(v *map[string]T) bool { return len(*v) == 0 }

// Pointer is the coder of pointers; make it by [PointerOf].
type Pointer[T any, C Coder[T]] struct{ elem C }

// PointerOf is the coder of pointers to what has a coder; nil is null, and absent where that is
// possible.
func PointerOf[T any, C Coder[T]](elem C) Pointer[T, C] { return Pointer[T, C]{elem} }

// Append implements [Coder].
func (c Pointer[T, C]) Append(b []byte, v **T) ([]byte, error) {
	if *v == nil {
		return msgp.AppendNil(b), nil
	}
	return c.elem.Append(b, *v)
}

// Read implements [Coder].
func (c Pointer[T, C]) Read(b []byte, v **T) ([]byte, error) {
	if msgp.IsNil(b) {
		*v = nil
		return msgp.ReadNilBytes(b)
	}
	elem := new(T)
	b, err := c.elem.Read(b, elem)
	if err == nil {
		*v = elem
	}
	return b, err
}

// Size implements [Coder].
func (c Pointer[T, C]) Size(v **T) int {
	if *v == nil {
		return msgp.NilSize
	}
	return c.elem.Size(*v)
}

// Absent implements [Coder].
func (Pointer[T, C]) Absent(v **T) bool { return *v == nil }
