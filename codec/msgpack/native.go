package msgpack

import (
	"encoding/json"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// Coders of values without a Go type of their own, in msgpack's own types: a map for an object, a
// str for a string. An integer beyond 64 bits, and any other number, is a float.
type (
	// Native is the coder of any JSON. Bytes are read as base64, times in RFC 3339.
	Native struct{}
	// NativeAny is the coder of any JSON that a Go value represents, as json.Marshal writes it. It
	// is read as json.RawMessage.
	NativeAny struct{}
)

// Append implements [Coder]. Nil is null; what is no JSON is an error ([*codec.Error]), and so is a
// number that no float holds ([codec.ErrRange]).
func (Native) Append(b []byte, v *json.RawMessage) ([]byte, error) {
	if *v == nil {
		return msgp.AppendNil(b), nil
	}
	return AppendJSON(b, *v)
}

// Read implements [Coder]. See [ReadJSON].
func (Native) Read(b []byte, v *json.RawMessage) ([]byte, error) {
	text, rest, err := ReadJSON(b)
	if err == nil {
		*v = text
	}
	return rest, err
}

// Size implements [Coder].
func (Native) Size(v *json.RawMessage) int { return nativeSize(len(*v)) }

// Absent implements [Coder].
func (Native) Absent(v *json.RawMessage) bool { return len(*v) == 0 }

// nativeSize is an upper bound of what a JSON text of a length becomes: the float 1.0 takes 9
// bytes, and a byte that is not UTF-8 becomes U+FFFD.
func nativeSize(text int) int { return 3*text + msgp.ArrayHeaderSize }

// Append implements [Coder]. Its errors are those of json.Marshal and of [Native].
func (NativeAny) Append(b []byte, v *any) ([]byte, error) {
	text, err := codec.AppendAny(nil, *v)
	if err != nil {
		return b, err
	}
	return AppendJSON(b, text)
}

// Read implements [Coder]. See [ReadJSON].
func (NativeAny) Read(b []byte, v *any) ([]byte, error) {
	text, rest, err := ReadJSON(b)
	if err == nil {
		*v = text
	}
	return rest, err
}

// Size implements [Coder]. It is a guess, unless the value is a json.RawMessage.
func (NativeAny) Size(v *any) int {
	raw, _ := (*v).(json.RawMessage)
	return nativeSize(max(len(raw), 64))
}

// Absent implements [Coder].
func (NativeAny) Absent(v *any) bool { return *v == nil }

// ReadJSON reads any value and returns it as JSON text: bytes become base64, and times RFC 3339 in
// UTC. A value nested deeper than [codec.MaxDepth] is [codec.ErrDepth]. A map whose keys are not
// strings is [codec.ErrType], and so is an extension other than a time. A float that is not a
// number is [codec.ErrValue].
func ReadJSON(b []byte) (text json.RawMessage, rest []byte, err error) {
	if err := CheckDepth(b); err != nil {
		return nil, b, err
	}
	if text, rest, err = appendText(nil, b); err != nil {
		return nil, b, err
	}
	return text, rest, nil
}

// appendText appends the value that b begins with as JSON text. It recurses as deeply as the value
// is nested.
func appendText(dst, b []byte) (text, rest []byte, err error) {
	switch t := msgp.NextType(b); t {
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(b)
		return append(dst, "null"...), rest, err
	case msgp.BoolType:
		var v bool
		v, rest, err = msgp.ReadBoolBytes(b)
		return codec.AppendBool(dst, v), rest, err
	case msgp.IntType:
		var v int64
		v, rest, err = msgp.ReadInt64Bytes(b)
		return codec.AppendInt(dst, v), rest, err
	case msgp.UintType:
		var v uint64
		v, rest, err = msgp.ReadUint64Bytes(b)
		return codec.AppendUint(dst, v), rest, err
	case msgp.Float32Type, msgp.Float64Type:
		return appendFloat(dst, b, t)
	case msgp.StrType:
		var v []byte
		v, rest, err = msgp.ReadStringZC(b)
		return codec.AppendString(dst, string(v)), rest, err
	case msgp.BinType:
		var v []byte
		v, rest, err = msgp.ReadBytesZC(b)
		return codec.AppendBytes(dst, v), rest, err
	case msgp.ArrayType, msgp.MapType:
		return appendContainer(dst, b, t == msgp.MapType)
	case msgp.InvalidType:
		if len(b) == 0 {
			return dst, b, msgp.ErrShortBytes
		}
	default: // extensions, of which NextType does not tell every time
		if v, rest, err := msgp.ReadTimeUTCBytes(b); err == nil {
			dst, err = codec.AppendTime(dst, v)
			return dst, rest, err
		}
	}
	return dst, b, &codec.Error{Kind: codec.ErrType, Detail: "JSON has no " + msgp.NextType(b).String()}
}

func appendFloat(dst, b []byte, t msgp.Type) (text, rest []byte, err error) {
	if t == msgp.Float32Type {
		v, rest, err := msgp.ReadFloat32Bytes(b)
		if err == nil {
			dst, err = codec.AppendFloat(dst, v)
		}
		return dst, rest, err
	}
	v, rest, err := msgp.ReadFloat64Bytes(b)
	if err == nil {
		dst, err = codec.AppendFloat(dst, v)
	}
	return dst, rest, err
}

// appendContainer appends an array or a map.
func appendContainer(dst, b []byte, isMap bool) (text, rest []byte, err error) {
	read, brackets := msgp.ReadArrayHeaderBytes, "[]"
	if isMap {
		read, brackets = msgp.ReadMapHeaderBytes, "{}"
	}
	n, b, err := read(b)
	if err != nil {
		return dst, b, err
	}
	dst = append(dst, brackets[0])
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if isMap {
			var key []byte
			if key, b, err = msgp.ReadMapKeyZC(b); err != nil {
				return dst, b, err
			}
			dst = append(codec.AppendString(dst, string(key)), ':')
		}
		if dst, b, err = appendText(dst, b); err != nil {
			return dst, b, err
		}
	}
	return append(dst, brackets[1]), b, nil
}
