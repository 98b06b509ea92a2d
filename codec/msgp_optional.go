package codec

import "github.com/tinylib/msgp/msgp"

// MsgCarrier is the coder of optional members; make it by [MsgOptional].
type MsgCarrier[T any, C MsgCoder[T]] struct{ elem C }

// MsgOptional is the coder of an [Optional] of what has a coder: absent, nil or a value.
func MsgOptional[T any, C MsgCoder[T]](elem C) MsgCarrier[T, C] { return MsgCarrier[T, C]{elem} }

// Append implements [MsgCoder].
func (c MsgCarrier[T, C]) Append(b []byte, v *Optional[T]) ([]byte, error) {
	return MsgNullable(c.elem).Append(b, &v.Value)
}

// Read implements [MsgCoder].
func (c MsgCarrier[T, C]) Read(b []byte, v *Optional[T]) ([]byte, error) {
	var value *T
	b, err := MsgNullable(c.elem).Read(b, &value)
	if err == nil {
		*v = Optional[T]{Value: value, Null: value == nil}
	}
	return b, err
}

// Size implements [MsgCoder].
func (c MsgCarrier[T, C]) Size(v *Optional[T]) int { return MsgNullable(c.elem).Size(&v.Value) }

// Absent implements [MsgCoder].
func (MsgCarrier[T, C]) Absent(v *Optional[T]) bool { return v.IsZero() }

// Nothing is a value that can only be null.
type Nothing struct{}

// MarshalJSON implements json.Marshaler.
func (Nothing) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// UnmarshalJSON implements json.Unmarshaler. What is not null is [ErrValue].
func (*Nothing) UnmarshalJSON(data []byte) error {
	if string(data) != "null" {
		return &Error{Kind: ErrValue, Detail: "expected null"}
	}
	return nil
}

// MsgNull is the coder of [Nothing].
type MsgNull struct{}

// Append implements [MsgCoder].
func (MsgNull) Append(b []byte, _ *Nothing) ([]byte, error) { return msgp.AppendNil(b), nil }

// Read implements [MsgCoder].
func (MsgNull) Read(b []byte, _ *Nothing) ([]byte, error) { return msgp.ReadNilBytes(b) }

// Size implements [MsgCoder].
func (MsgNull) Size(*Nothing) int { return msgp.NilSize }

// Absent implements [MsgCoder].
func (MsgNull) Absent(*Nothing) bool { return false }
