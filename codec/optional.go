package codec

import (
	"encoding/json"
	"errors"
)

// Optional is a member that may be absent, null or a value, where these mean
// different things. The zero Optional is absent. If Value is set, Null does not matter.
//
// As a struct's field it needs the option omitzero in its JSON tag, without
// which encoding/json writes null for an absent member.
type Optional[T any] struct {
	Value *T
	Null  bool
}

// Some returns an Optional that is a value.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: &v} }

// NullOf returns an Optional that is null.
func NullOf[T any]() Optional[T] { return Optional[T]{Null: true} }

// IsZero reports whether the member is absent.
func (o Optional[T]) IsZero() bool { return o.Value == nil && !o.Null }

// IsNull reports whether the member is present and null.
func (o Optional[T]) IsNull() bool { return o.Value == nil && o.Null }

// Get returns the value; ok is false if the member is absent or null.
func (o Optional[T]) Get() (v T, ok bool) {
	if o.Value == nil {
		return v, false
	}
	return *o.Value, true
}

// MarshalJSON implements [json.Marshaler]. What is absent cannot be left out here, so it is null.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.Value == nil {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if o == nil {
		return errors.New("codec: UnmarshalJSON on a nil Optional")
	}
	if string(data) == "null" {
		*o = NullOf[T]()
		return nil
	}
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	*o = Optional[T]{Value: v}
	return nil
}

// AppendOptional appends what an Optional that is not absent holds. For generated code.
func AppendOptional[T any](dst []byte, o Optional[T], value func([]byte, *T) ([]byte, error)) ([]byte, error) {
	return AppendPointer(dst, o.Value, value)
}

// ScanOptional reads null or a value into dst. For generated code.
func ScanOptional[T any](s *Scanner, dst *Optional[T], value func(*Scanner, *T)) {
	if s.Null() {
		*dst = NullOf[T]()
		return
	}
	dst.Null = false
	ScanPointer(s, &dst.Value, value)
}
