package msgpack

import (
	"slices"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// CheckJSON returns what check finds in the value that b begins with, as JSON text. A value that
// cannot be read is left to those who read it. For generated code.
func CheckJSON(b []byte, check func(text []byte) error) error {
	text, _, err := ReadJSON(b)
	if err != nil {
		return nil //nolint:nilerr // its reader says what is wrong
	}
	return check(text)
}

// Expect returns [codec.ErrType] if the value that b begins with is of none of the kinds.
// For generated code.
func Expect(b []byte, kinds ...codec.Kind) error {
	if kind := kindOf(b); !slices.Contains(kinds, kind) {
		return &codec.Error{Kind: codec.ErrType, Detail: "no type of those that are expected is " + kind.String()}
	}
	return nil
}

// kindOf is the kind of JSON that the value is which b begins with.
func kindOf(b []byte) codec.Kind {
	switch msgp.NextType(b) {
	case msgp.NilType:
		return codec.KindNull
	case msgp.BoolType:
		return codec.KindBool
	case msgp.StrType, msgp.BinType, msgp.TimeType:
		return codec.KindString
	case msgp.IntType, msgp.UintType, msgp.Float32Type, msgp.Float64Type:
		return codec.KindNumber
	case msgp.ArrayType:
		return codec.KindArray
	case msgp.MapType:
		return codec.KindObject
	default:
		return codec.KindInvalid
	}
}
