package codec

// Coders for members whose empty value stands for itself, so that only nil is
// absent, or is never valid.
type (
	// MsgNilList is [MsgSlice] with nothing but nil absent; make it by [MsgListOrNil].
	MsgNilList[T any, C MsgCoder[T]] struct{ MsgSlice[T, C] }
	// MsgNilMap is [MsgStringMap] with nothing but nil absent; make it by [MsgMapOrNil].
	MsgNilMap[T any, C MsgCoder[T]] struct{ MsgStringMap[T, C] }
	// MsgNilBytes is [MsgBytes] with nothing but nil absent.
	MsgNilBytes[T ~[]byte] struct{ MsgBytes[T] }
	// MsgText is [MsgString] without the empty string, which it does not read ([ErrValue]).
	MsgText[T ~string] struct{ MsgString[T] }
)

// MsgListOrNil is the coder of lists of which only nil is absent.
func MsgListOrNil[T any, C MsgCoder[T]](elem C) MsgNilList[T, C] {
	return MsgNilList[T, C]{MsgList(elem)}
}

// MsgMapOrNil is the coder of maps of which only nil is absent.
func MsgMapOrNil[T any, C MsgCoder[T]](elem C) MsgNilMap[T, C] { return MsgNilMap[T, C]{MsgMap(elem)} }

// Absent implements [MsgCoder].
func (MsgNilList[T, C]) Absent(v *[]T) bool { return *v == nil }

// Absent implements [MsgCoder].
func (MsgNilMap[T, C]) Absent(v *map[string]T) bool { return *v == nil }

// Absent implements [MsgCoder].
func (MsgNilBytes[T]) Absent(v *T) bool { return *v == nil }

// Read implements [MsgCoder].
func (c MsgText[T]) Read(b []byte, v *T) ([]byte, error) {
	rest, err := c.MsgString.Read(b, v)
	if err == nil && *v == "" {
		return b, &Error{Kind: ErrValue, Detail: "the empty string"}
	}
	return rest, err
}
