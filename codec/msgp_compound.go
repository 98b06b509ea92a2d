package codec

import (
	"maps"
	"slices"

	"github.com/tinylib/msgp/msgp"
)

// MsgStruct is the coder of generated structs; make it by [MsgOf].
type MsgStruct[T any, P interface {
	*T
	Message
}] struct{}

// MsgOf is the coder of a generated type.
func MsgOf[T any, P interface {
	*T
	Message
}]() MsgStruct[T, P] {
	return MsgStruct[T, P]{}
}

// Append implements [MsgCoder].
func (MsgStruct[T, P]) Append(b []byte, v *T) ([]byte, error) { return P(v).MarshalMsg(b) }

// Read implements [MsgCoder].
func (MsgStruct[T, P]) Read(b []byte, v *T) ([]byte, error) { return P(v).UnmarshalMsg(b) }

// Size implements [MsgCoder].
func (MsgStruct[T, P]) Size(v *T) int { return P(v).Msgsize() }

// Absent implements [MsgCoder]: a struct always stands.
func (MsgStruct[T, P]) Absent(*T) bool { return false }

// MsgSlice is the coder of lists; make it by [MsgList].
type MsgSlice[T any, C MsgCoder[T]] struct{ elem C }

// MsgList is the coder of lists whose elements have a coder. An empty list is absent.
func MsgList[T any, C MsgCoder[T]](elem C) MsgSlice[T, C] { return MsgSlice[T, C]{elem} }

// Append implements [MsgCoder].
func (c MsgSlice[T, C]) Append(b []byte, v *[]T) ([]byte, error) {
	b = msgp.AppendArrayHeader(b, uint32(len(*v)))
	var err error
	for i := range *v {
		if b, err = c.elem.Append(b, &(*v)[i]); err != nil {
			return b, msgp.WrapError(err, i)
		}
	}
	return b, nil
}

// Read implements [MsgCoder]. A count above what is left is refused before anything is allocated.
func (c MsgSlice[T, C]) Read(b []byte, v *[]T) ([]byte, error) {
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

// Size implements [MsgCoder].
func (c MsgSlice[T, C]) Size(v *[]T) int {
	n := msgp.ArrayHeaderSize
	for i := range *v {
		n += c.elem.Size(&(*v)[i])
	}
	return n
}

// Absent implements [MsgCoder].
func (MsgSlice[T, C]) Absent(v *[]T) bool { return len(*v) == 0 }

// MsgStringMap is the coder of maps; make it by [MsgMap].
type MsgStringMap[T any, C MsgCoder[T]] struct{ elem C }

// MsgMap is the coder of maps from strings to what has a coder. They are
// written in the order of their keys. An empty map is absent.
func MsgMap[T any, C MsgCoder[T]](elem C) MsgStringMap[T, C] { return MsgStringMap[T, C]{elem} }

// Append implements [MsgCoder].
func (c MsgStringMap[T, C]) Append(b []byte, v *map[string]T) ([]byte, error) {
	b = msgp.AppendMapHeader(b, uint32(len(*v)))
	for _, key := range slices.Sorted(maps.Keys(*v)) {
		elem := (*v)[key]
		var err error
		if b, err = c.elem.Append(msgp.AppendString(b, key), &elem); err != nil {
			return b, msgp.WrapError(err, shorten(key))
		}
	}
	return b, nil
}

// Read implements [MsgCoder]. A count above what is left is refused before anything is allocated.
func (c MsgStringMap[T, C]) Read(b []byte, v *map[string]T) ([]byte, error) {
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
			return b, msgp.WrapError(err, shorten(string(key)))
		}
		out[string(key)] = elem
	}
	*v = out
	return b, nil
}

// Size implements [MsgCoder].
func (c MsgStringMap[T, C]) Size(v *map[string]T) int {
	n := msgp.MapHeaderSize
	for key, elem := range *v {
		n += msgp.StringPrefixSize + len(key) + c.elem.Size(&elem)
	}
	return n
}

// Absent implements [MsgCoder].
func (MsgStringMap[T, C]) Absent(v *map[string]T) bool { return len(*v) == 0 }

// MsgPointer is the coder of pointers; make it by [MsgNullable].
type MsgPointer[T any, C MsgCoder[T]] struct{ elem C }

// MsgNullable is the coder of pointers to what has a coder; nil is null, and absent where that is possible.
func MsgNullable[T any, C MsgCoder[T]](elem C) MsgPointer[T, C] { return MsgPointer[T, C]{elem} }

// Append implements [MsgCoder].
func (c MsgPointer[T, C]) Append(b []byte, v **T) ([]byte, error) {
	if *v == nil {
		return msgp.AppendNil(b), nil
	}
	return c.elem.Append(b, *v)
}

// Read implements [MsgCoder].
func (c MsgPointer[T, C]) Read(b []byte, v **T) ([]byte, error) {
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

// Size implements [MsgCoder].
func (c MsgPointer[T, C]) Size(v **T) int {
	if *v == nil {
		return msgp.NilSize
	}
	return c.elem.Size(*v)
}

// Absent implements [MsgCoder].
func (MsgPointer[T, C]) Absent(v **T) bool { return *v == nil }
