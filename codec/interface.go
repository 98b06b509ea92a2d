package codec

import "github.com/tinylib/msgp/msgp"

// AppendInterface appends the variant that an interface holds; nil is null.
func AppendInterface[U comparable](dst []byte, v U, variant func([]byte, U) ([]byte, error)) ([]byte, error) {
	var none U
	if v == none {
		return append(dst, "null"...), nil
	}
	return variant(dst, v)
}

// ScanInterface reads a variant into an interface. Null makes it nil.
func ScanInterface[U any](s *Scanner, dst *U, variant func(*Scanner, *U)) {
	if s.Null() {
		var none U
		*dst = none
		return
	}
	variant(s, dst)
}

// MsgNilInterface is the coder of interfaces that are nil for null; make it by [MsgInterface].
type MsgNilInterface[T any, C MsgCoder[T]] struct{ elem C }

// MsgInterface is the coder of an interface, nil for null, whose variants have a coder.
func MsgInterface[T any, C MsgCoder[T]](elem C) MsgNilInterface[T, C] {
	return MsgNilInterface[T, C]{elem}
}

// Append implements [MsgCoder].
func (c MsgNilInterface[T, C]) Append(b []byte, v *T) ([]byte, error) {
	if c.elem.Absent(v) {
		return msgp.AppendNil(b), nil
	}
	return c.elem.Append(b, v)
}

// Read implements [MsgCoder].
func (c MsgNilInterface[T, C]) Read(b []byte, v *T) ([]byte, error) {
	if msgp.IsNil(b) {
		var none T
		*v = none
		return msgp.ReadNilBytes(b)
	}
	return c.elem.Read(b, v)
}

// Size implements [MsgCoder].
func (c MsgNilInterface[T, C]) Size(v *T) int { return c.elem.Size(v) }

// Absent implements [MsgCoder].
func (c MsgNilInterface[T, C]) Absent(v *T) bool { return c.elem.Absent(v) }
