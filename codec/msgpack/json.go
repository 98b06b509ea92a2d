package msgpack

import (
	"encoding/json"
	"strconv"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/jsonnumber"
	"github.com/xraph/dispatch/internal/quote"
)

// Const is a member with one value, which is written and checked: a string,
// number or boolean given as JSON.
type Const string

// MarshalMsg appends the constant to b.
func (c Const) MarshalMsg(b []byte) ([]byte, error) { return AppendJSON(b, []byte(c)) }

// UnmarshalMsg reads a value that must be the constant: any other is [codec.ErrValue].
func (c Const) UnmarshalMsg(b []byte) ([]byte, error) {
	text, rest, err := ReadJSON(b)
	if err != nil {
		return b, err
	}
	s := codec.NewScanner(text)
	codec.ScanConst(&s, string(c))
	return rest, s.End()
}

// Msgsize is an upper bound of the constant's size.
func (c Const) Msgsize() int { return msgp.StringPrefixSize + len(c) + msgp.Int64Size }

// AppendJSON appends JSON text as msgpack's own types: a map for an object, and so on.
func AppendJSON(b []byte, text json.RawMessage) ([]byte, error) {
	s := codec.NewScanner(text)
	b = appendValue(b, &s)
	return b, s.End()
}

func appendValue(b []byte, s *codec.Scanner) []byte {
	switch s.Next() {
	case codec.KindNull:
		s.Null()
		return msgp.AppendNil(b)
	case codec.KindBool:
		var v bool
		codec.ScanBool(s, &v)
		return msgp.AppendBool(b, v)
	case codec.KindString:
		text, _ := s.Text()
		return msgp.AppendStringFromBytes(b, text)
	case codec.KindNumber:
		return appendNumber(b, s)
	case codec.KindArray:
		// How many there are is known when they have been read.
		var items []byte
		n := uint32(0)
		for s.Array(); s.Element(); n++ {
			items = appendValue(items, s)
		}
		return append(msgp.AppendArrayHeader(b, n), items...)
	case codec.KindObject:
		var members []byte
		n := uint32(0)
		for s.Object(); s.Member(); n++ {
			members = msgp.AppendStringFromBytes(members, s.Key())
			members = appendValue(members, s)
		}
		return append(msgp.AppendMapHeader(b, n), members...)
	default:
		s.Skip()
		return b
	}
}

// appendNumber writes a number as an integer if it is one that 64 bits hold, or else as a float.
func appendNumber(b []byte, s *codec.Scanner) []byte {
	text := string(s.Raw())
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return msgp.AppendInt64(b, n)
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return msgp.AppendUint64(b, n)
	}
	if r, ok := jsonnumber.Rat(text); ok && r.IsInt() { // 1.0, for those who read an integer
		switch n := r.Num(); {
		case n.IsInt64():
			return msgp.AppendInt64(b, n.Int64())
		case n.IsUint64():
			return msgp.AppendUint64(b, n.Uint64())
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.Fail(codec.ErrRange, "the number "+quote.Shorten(text))
	}
	return msgp.AppendFloat64(b, f)
}

// Tag returns the string that a map has under a name. A value that is no map
// is [codec.ErrType], a map without the member [codec.ErrMissing].
func Tag(b []byte, name string) (string, error) {
	n, rest, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return "", err
	}
	for range n {
		var key []byte
		if key, rest, err = msgp.ReadMapKeyZC(rest); err != nil {
			return "", err
		}
		if string(key) == name {
			tag, _, err := msgp.ReadStringBytes(rest)
			return tag, err
		}
		if rest, err = msgp.Skip(rest); err != nil {
			return "", err
		}
	}
	return "", &codec.Error{Kind: codec.ErrMissing, Detail: name}
}
