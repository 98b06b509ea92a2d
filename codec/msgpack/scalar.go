package msgpack

import (
	"encoding/json"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// Coders of msgpack's own types.
type (
	// String is the coder of strings.
	String[T ~string] struct{}
	// Bool is the coder of booleans.
	Bool[T ~bool] struct{}
	// Int is the coder of signed integers; those that are not negative may be written either way.
	Int[T codec.Integer] struct{}
	// Uint is the coder of unsigned integers.
	Uint[T codec.Unsigned] struct{}
	// Float is the coder of floats; integers are read too.
	Float[T codec.Float] struct{}
	// Bytes is the coder of bytes, a bin. Empty bytes are absent.
	Bytes[T ~[]byte] struct{}
	// Time is the coder of times, timestamps of ext type -1. The zero time is absent.
	Time struct{}
	// Duration is the coder of durations, integers of a unit.
	Duration time.Duration
	// JSON is the coder of any JSON: a bin that holds JSON text. A str is read too.
	JSON struct{}
	// Any is the coder of any JSON that a Go value represents, written by
	// json.Marshal as [JSON] and read as json.RawMessage.
	Any struct{}
)

// Append implements [Coder].
func (String[T]) Append(b []byte, v *T) ([]byte, error) {
	return msgp.AppendString(b, string(*v)), nil
}

// Read implements [Coder].
func (String[T]) Read(b []byte, v *T) ([]byte, error) {
	s, rest, err := msgp.ReadStringBytes(b)
	if err == nil {
		*v = T(s)
	}
	return rest, err
}

// Size implements [Coder].
func (String[T]) Size(v *T) int { return msgp.StringPrefixSize + len(*v) }

// Absent implements [Coder].
func (String[T]) Absent(v *T) bool { return *v == "" }

// Append implements [Coder].
func (Bool[T]) Append(b []byte, v *T) ([]byte, error) { return msgp.AppendBool(b, bool(*v)), nil }

// Read implements [Coder].
func (Bool[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadBoolBytes(b)
	if err == nil {
		*v = T(x)
	}
	return rest, err
}

// Size implements [Coder].
func (Bool[T]) Size(*T) int { return msgp.BoolSize }

// Absent implements [Coder].
func (Bool[T]) Absent(v *T) bool { return !bool(*v) }

// Append implements [Coder].
func (Int[T]) Append(b []byte, v *T) ([]byte, error) { return msgp.AppendInt64(b, int64(*v)), nil }

// Read implements [Coder]. A number that T does not hold is [codec.ErrRange].
func (Int[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadInt64Bytes(b)
	if err != nil {
		return b, err
	}
	if int64(T(x)) != x {
		return b, &codec.Error{Kind: codec.ErrRange}
	}
	*v = T(x)
	return rest, nil
}

// Size implements [Coder].
func (Int[T]) Size(*T) int { return msgp.Int64Size }

// Absent implements [Coder].
func (Int[T]) Absent(v *T) bool { return *v == 0 }

// Append implements [Coder].
func (Uint[T]) Append(b []byte, v *T) ([]byte, error) {
	return msgp.AppendUint64(b, uint64(*v)), nil
}

// Read implements [Coder]. A number that T does not hold is [codec.ErrRange].
func (Uint[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadUint64Bytes(b)
	if err != nil {
		return b, err
	}
	if uint64(T(x)) != x {
		return b, &codec.Error{Kind: codec.ErrRange}
	}
	*v = T(x)
	return rest, nil
}

// Size implements [Coder].
func (Uint[T]) Size(*T) int { return msgp.Uint64Size }

// Absent implements [Coder].
func (Uint[T]) Absent(v *T) bool { return *v == 0 }

// Append implements [Coder].
func (Float[T]) Append(b []byte, v *T) ([]byte, error) {
	return msgp.AppendFloat64(b, float64(*v)), nil
}

// Read implements [Coder].
func (Float[T]) Read(b []byte, v *T) ([]byte, error) {
	switch msgp.NextType(b) {
	case msgp.IntType:
		x, rest, err := msgp.ReadInt64Bytes(b)
		if err == nil {
			*v = T(x)
		}
		return rest, err
	case msgp.UintType:
		x, rest, err := msgp.ReadUint64Bytes(b)
		if err == nil {
			*v = T(x)
		}
		return rest, err
	default:
		x, rest, err := msgp.ReadFloat64Bytes(b)
		if err == nil {
			*v = T(x)
		}
		return rest, err
	}
}

// Size implements [Coder].
func (Float[T]) Size(*T) int { return msgp.Float64Size }

// Absent implements [Coder].
func (Float[T]) Absent(v *T) bool { return *v == 0 }

// Append implements [Coder].
func (Bytes[T]) Append(b []byte, v *T) ([]byte, error) { return msgp.AppendBytes(b, *v), nil }

// Read implements [Coder].
func (Bytes[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadBytesZC(b)
	if err == nil {
		*v = append(T{}, x...)
	}
	return rest, err
}

// Size implements [Coder].
func (Bytes[T]) Size(v *T) int { return msgp.BytesPrefixSize + len(*v) }

// Absent implements [Coder].
func (Bytes[T]) Absent(v *T) bool { return len(*v) == 0 }

// Append implements [Coder].
func (Time) Append(b []byte, v *time.Time) ([]byte, error) { return msgp.AppendTimeExt(b, *v), nil }

// Read implements [Coder].
func (Time) Read(b []byte, v *time.Time) ([]byte, error) {
	x, rest, err := msgp.ReadTimeUTCBytes(b)
	if err == nil {
		*v = x
	}
	return rest, err
}

// Size implements [Coder].
func (Time) Size(*time.Time) int { return msgp.TimeSize }

// Absent implements [Coder].
func (Time) Absent(v *time.Time) bool { return v.IsZero() }

// Append implements [Coder]. A duration that is not a multiple of units is [codec.ErrValue].
func (unit Duration) Append(b []byte, v *time.Duration) ([]byte, error) {
	if *v%time.Duration(unit) != 0 {
		return b, &codec.Error{Kind: codec.ErrValue, Detail: v.String() + " is not a multiple of " + time.Duration(unit).String()}
	}
	return msgp.AppendInt64(b, int64(*v)/int64(unit)), nil
}

// Read implements [Coder]. More than a duration holds is [codec.ErrRange].
func (unit Duration) Read(b []byte, v *time.Duration) ([]byte, error) {
	n, rest, err := msgp.ReadInt64Bytes(b)
	if err != nil {
		return b, err
	}
	d := time.Duration(n) * time.Duration(unit)
	if int64(d)/int64(unit) != n {
		return b, &codec.Error{Kind: codec.ErrRange}
	}
	*v = d
	return rest, nil
}

// Size implements [Coder].
func (Duration) Size(*time.Duration) int { return msgp.Int64Size }

// Absent implements [Coder].
func (Duration) Absent(v *time.Duration) bool { return *v == 0 }

// Append implements [Coder]. Nil is null; what is no JSON is an error ([*codec.Error]).
func (JSON) Append(b []byte, v *json.RawMessage) ([]byte, error) {
	if *v == nil {
		return msgp.AppendBytes(b, []byte("null")), nil
	}
	if err := checkJSON(*v); err != nil {
		return b, err
	}
	return msgp.AppendBytes(b, *v), nil
}

// Read implements [Coder]. What is neither bin nor str is [codec.ErrType].
func (JSON) Read(b []byte, v *json.RawMessage) ([]byte, error) {
	text, rest, err := readJSONText(b)
	if err == nil {
		*v = append(json.RawMessage{}, text...)
	}
	return rest, err
}

// Size implements [Coder].
func (JSON) Size(v *json.RawMessage) int { return msgp.BytesPrefixSize + max(len(*v), len("null")) }

// Absent implements [Coder].
func (JSON) Absent(v *json.RawMessage) bool { return len(*v) == 0 }

// Append implements [Coder].
func (Any) Append(b []byte, v *any) ([]byte, error) {
	text, err := codec.AppendAny(nil, *v)
	if err != nil {
		return b, err
	}
	return msgp.AppendBytes(b, text), nil
}

// Read implements [Coder].
func (Any) Read(b []byte, v *any) ([]byte, error) {
	text, rest, err := readJSONText(b)
	if err == nil {
		*v = append(json.RawMessage{}, text...)
	}
	return rest, err
}

// Size implements [Coder]. It is a guess, unless the value is a json.RawMessage.
func (Any) Size(v *any) int {
	raw, _ := (*v).(json.RawMessage)
	return msgp.BytesPrefixSize + max(len(raw), 64)
}

// Absent implements [Coder].
func (Any) Absent(v *any) bool { return *v == nil }

// readJSONText reads a bin or str that holds JSON text; the text aliases b.
func readJSONText(b []byte) (text, rest []byte, err error) {
	switch t := msgp.NextType(b); t {
	case msgp.BinType:
		text, rest, err = msgp.ReadBytesZC(b)
	case msgp.StrType:
		text, rest, err = msgp.ReadStringZC(b)
	default:
		if len(b) == 0 {
			return nil, b, msgp.ErrShortBytes
		}
		return nil, b, &codec.Error{Kind: codec.ErrType, Detail: "expected JSON text in a bin or str, not " + t.String()}
	}
	if err == nil {
		err = checkJSON(text)
	}
	return text, rest, err
}

func checkJSON(text []byte) error {
	s := codec.NewScanner(text)
	s.Skip()
	return s.End()
}
