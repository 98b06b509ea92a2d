package codec

import (
	"encoding/json"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// Coders of msgpack's own types.
type (
	// MsgString is the coder of strings.
	MsgString[T ~string] struct{}
	// MsgBool is the coder of booleans.
	MsgBool[T ~bool] struct{}
	// MsgInt is the coder of signed integers; those that are not negative may be written either way.
	MsgInt[T Integer] struct{}
	// MsgUint is the coder of unsigned integers.
	MsgUint[T Unsigned] struct{}
	// MsgFloat is the coder of floats; integers are read too.
	MsgFloat[T Float] struct{}
	// MsgBytes is the coder of bytes, a bin. Empty bytes are absent.
	MsgBytes[T ~[]byte] struct{}
	// MsgTime is the coder of times, timestamps of ext type -1. The zero time is absent.
	MsgTime struct{}
	// MsgDuration is the coder of durations, integers of a unit.
	MsgDuration time.Duration
	// MsgJSON is the coder of any JSON: a bin that holds JSON text. A str is read too.
	MsgJSON struct{}
	// MsgAny is the coder of any JSON that a Go value stands for, written by
	// json.Marshal as [MsgJSON] and read as json.RawMessage.
	MsgAny struct{}
)

// Append implements [MsgCoder].
func (MsgString[T]) Append(b []byte, v *T) ([]byte, error) {
	return msgp.AppendString(b, string(*v)), nil
}

// Read implements [MsgCoder].
func (MsgString[T]) Read(b []byte, v *T) ([]byte, error) {
	s, rest, err := msgp.ReadStringBytes(b)
	if err == nil {
		*v = T(s)
	}
	return rest, err
}

// Size implements [MsgCoder].
func (MsgString[T]) Size(v *T) int { return msgp.StringPrefixSize + len(*v) }

// Absent implements [MsgCoder].
func (MsgString[T]) Absent(v *T) bool { return *v == "" }

// Append implements [MsgCoder].
func (MsgBool[T]) Append(b []byte, v *T) ([]byte, error) { return msgp.AppendBool(b, bool(*v)), nil }

// Read implements [MsgCoder].
func (MsgBool[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadBoolBytes(b)
	if err == nil {
		*v = T(x)
	}
	return rest, err
}

// Size implements [MsgCoder].
func (MsgBool[T]) Size(*T) int { return msgp.BoolSize }

// Absent implements [MsgCoder].
func (MsgBool[T]) Absent(v *T) bool { return !bool(*v) }

// Append implements [MsgCoder].
func (MsgInt[T]) Append(b []byte, v *T) ([]byte, error) { return msgp.AppendInt64(b, int64(*v)), nil }

// Read implements [MsgCoder]. A number that T does not hold is [ErrRange].
func (MsgInt[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadInt64Bytes(b)
	if err != nil {
		return b, err
	}
	if int64(T(x)) != x {
		return b, &Error{Kind: ErrRange}
	}
	*v = T(x)
	return rest, nil
}

// Size implements [MsgCoder].
func (MsgInt[T]) Size(*T) int { return msgp.Int64Size }

// Absent implements [MsgCoder].
func (MsgInt[T]) Absent(v *T) bool { return *v == 0 }

// Append implements [MsgCoder].
func (MsgUint[T]) Append(b []byte, v *T) ([]byte, error) {
	return msgp.AppendUint64(b, uint64(*v)), nil
}

// Read implements [MsgCoder]. A number that T does not hold is [ErrRange].
func (MsgUint[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadUint64Bytes(b)
	if err != nil {
		return b, err
	}
	if uint64(T(x)) != x {
		return b, &Error{Kind: ErrRange}
	}
	*v = T(x)
	return rest, nil
}

// Size implements [MsgCoder].
func (MsgUint[T]) Size(*T) int { return msgp.Uint64Size }

// Absent implements [MsgCoder].
func (MsgUint[T]) Absent(v *T) bool { return *v == 0 }

// Append implements [MsgCoder].
func (MsgFloat[T]) Append(b []byte, v *T) ([]byte, error) {
	return msgp.AppendFloat64(b, float64(*v)), nil
}

// Read implements [MsgCoder].
func (MsgFloat[T]) Read(b []byte, v *T) ([]byte, error) {
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
	}
	x, rest, err := msgp.ReadFloat64Bytes(b)
	if err == nil {
		*v = T(x)
	}
	return rest, err
}

// Size implements [MsgCoder].
func (MsgFloat[T]) Size(*T) int { return msgp.Float64Size }

// Absent implements [MsgCoder].
func (MsgFloat[T]) Absent(v *T) bool { return *v == 0 }

// Append implements [MsgCoder].
func (MsgBytes[T]) Append(b []byte, v *T) ([]byte, error) { return msgp.AppendBytes(b, *v), nil }

// Read implements [MsgCoder].
func (MsgBytes[T]) Read(b []byte, v *T) ([]byte, error) {
	x, rest, err := msgp.ReadBytesZC(b)
	if err == nil {
		*v = append(T{}, x...)
	}
	return rest, err
}

// Size implements [MsgCoder].
func (MsgBytes[T]) Size(v *T) int { return msgp.BytesPrefixSize + len(*v) }

// Absent implements [MsgCoder].
func (MsgBytes[T]) Absent(v *T) bool { return len(*v) == 0 }

// Append implements [MsgCoder].
func (MsgTime) Append(b []byte, v *time.Time) ([]byte, error) { return msgp.AppendTimeExt(b, *v), nil }

// Read implements [MsgCoder].
func (MsgTime) Read(b []byte, v *time.Time) ([]byte, error) {
	x, rest, err := msgp.ReadTimeUTCBytes(b)
	if err == nil {
		*v = x
	}
	return rest, err
}

// Size implements [MsgCoder].
func (MsgTime) Size(*time.Time) int { return msgp.TimeSize }

// Absent implements [MsgCoder].
func (MsgTime) Absent(v *time.Time) bool { return v.IsZero() }

// Append implements [MsgCoder]. A duration that is no whole number of units is [ErrValue].
func (unit MsgDuration) Append(b []byte, v *time.Duration) ([]byte, error) {
	if *v%time.Duration(unit) != 0 {
		return b, &Error{Kind: ErrValue, Detail: v.String() + " is no whole number of " + time.Duration(unit).String()}
	}
	return msgp.AppendInt64(b, int64(*v)/int64(unit)), nil
}

// Read implements [MsgCoder]. More than a duration holds is [ErrRange].
func (unit MsgDuration) Read(b []byte, v *time.Duration) ([]byte, error) {
	n, rest, err := msgp.ReadInt64Bytes(b)
	if err != nil {
		return b, err
	}
	d := time.Duration(n) * time.Duration(unit)
	if int64(d)/int64(unit) != n {
		return b, &Error{Kind: ErrRange}
	}
	*v = d
	return rest, nil
}

// Size implements [MsgCoder].
func (MsgDuration) Size(*time.Duration) int { return msgp.Int64Size }

// Absent implements [MsgCoder].
func (MsgDuration) Absent(v *time.Duration) bool { return *v == 0 }

// Append implements [MsgCoder]. Nil is null; what is no JSON is an error ([*Error]).
func (MsgJSON) Append(b []byte, v *json.RawMessage) ([]byte, error) {
	if *v == nil {
		return msgp.AppendBytes(b, []byte("null")), nil
	}
	if err := checkJSON(*v); err != nil {
		return b, err
	}
	return msgp.AppendBytes(b, *v), nil
}

// Read implements [MsgCoder]. What is neither bin nor str is [ErrType].
func (MsgJSON) Read(b []byte, v *json.RawMessage) ([]byte, error) {
	text, rest, err := readJSONText(b)
	if err == nil {
		*v = append(json.RawMessage{}, text...)
	}
	return rest, err
}

// Size implements [MsgCoder].
func (MsgJSON) Size(v *json.RawMessage) int { return msgp.BytesPrefixSize + max(len(*v), len("null")) }

// Absent implements [MsgCoder].
func (MsgJSON) Absent(v *json.RawMessage) bool { return len(*v) == 0 }

// Append implements [MsgCoder].
func (MsgAny) Append(b []byte, v *any) ([]byte, error) {
	text, err := AppendAny(nil, *v)
	if err != nil {
		return b, err
	}
	return msgp.AppendBytes(b, text), nil
}

// Read implements [MsgCoder].
func (MsgAny) Read(b []byte, v *any) ([]byte, error) {
	text, rest, err := readJSONText(b)
	if err == nil {
		*v = append(json.RawMessage{}, text...)
	}
	return rest, err
}

// Size implements [MsgCoder]. It is a guess, unless the value is a json.RawMessage.
func (MsgAny) Size(v *any) int {
	raw, _ := (*v).(json.RawMessage)
	return msgp.BytesPrefixSize + max(len(raw), 64)
}

// Absent implements [MsgCoder].
func (MsgAny) Absent(v *any) bool { return *v == nil }

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
		return nil, b, &Error{Kind: ErrType, Detail: "expected JSON text in a bin or str, not " + t.String()}
	}
	if err == nil {
		err = checkJSON(text)
	}
	return text, rest, err
}

func checkJSON(text []byte) error {
	s := NewScanner(text)
	s.Skip()
	return s.End()
}
