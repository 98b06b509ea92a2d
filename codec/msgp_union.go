package codec

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

// MsgFixed is a member with one value, which is written and checked: a string,
// number or boolean given as JSON.
type MsgFixed string

// MarshalMsg appends the constant to b.
func (c MsgFixed) MarshalMsg(b []byte) ([]byte, error) { return AppendMsgJSON(b, []byte(c)) }

// UnmarshalMsg reads a value, which has to be the constant: another is [ErrValue].
func (c MsgFixed) UnmarshalMsg(b []byte) ([]byte, error) {
	text, rest, err := ReadMsgJSON(b)
	if err != nil {
		return b, err
	}
	s := NewScanner(text)
	ScanConst(&s, string(c))
	return rest, s.End()
}

// EncodeMsg writes the constant.
func (c MsgFixed) EncodeMsg(w *msgp.Writer) error {
	b, err := c.MarshalMsg(nil)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Msgsize is an upper bound of the constant's size.
func (c MsgFixed) Msgsize() int { return msgp.StringPrefixSize + len(c) + msgp.Int64Size }

// ReadMsgJSON reads any value and returns it as JSON text: bytes become
// base64, times RFC 3339. What is nested deeper than [MaxDepth] is [ErrDepth].
func ReadMsgJSON(b []byte) (text json.RawMessage, rest []byte, err error) {
	if err := CheckMsgDepth(b); err != nil {
		return nil, b, err
	}
	if rest, err = msgp.Skip(b); err != nil {
		return nil, b, err
	}
	// msgp goes on to what follows the value, so that is kept from it.
	var out bytes.Buffer
	_, err = msgp.UnmarshalAsJSON(&out, b[:len(b)-len(rest)])
	return out.Bytes(), rest, err
}

// AppendMsgJSON appends JSON text as msgpack's own types: a map for an object, and so on.
func AppendMsgJSON(b []byte, text json.RawMessage) ([]byte, error) {
	s := NewScanner(text)
	b = appendMsgValue(b, &s)
	return b, s.End()
}

func appendMsgValue(b []byte, s *Scanner) []byte {
	switch s.Next() {
	case Null:
		s.Null()
		return msgp.AppendNil(b)
	case Bool:
		var v bool
		ScanBool(s, &v)
		return msgp.AppendBool(b, v)
	case String:
		text, _ := s.Text()
		return msgp.AppendStringFromBytes(b, text)
	case Number:
		return appendMsgNumber(b, s)
	case Array:
		// How many there are is known when they have been read.
		var items []byte
		n := uint32(0)
		for s.Array(); s.Element(); n++ {
			items = appendMsgValue(items, s)
		}
		return append(msgp.AppendArrayHeader(b, n), items...)
	case Object:
		var members []byte
		n := uint32(0)
		for s.Object(); s.Member(); n++ {
			members = msgp.AppendStringFromBytes(members, s.Key())
			members = appendMsgValue(members, s)
		}
		return append(msgp.AppendMapHeader(b, n), members...)
	}
	s.Skip()
	return b
}

// appendMsgNumber writes a number as the integer that it is written as, or else as a float.
func appendMsgNumber(b []byte, s *Scanner) []byte {
	text := string(s.Raw())
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return msgp.AppendInt64(b, n)
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return msgp.AppendUint64(b, n)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.Fail(ErrRange, "the number "+clip([]byte(text)))
	}
	return msgp.AppendFloat64(b, f)
}

// CheckMsgDepth refuses a value that is nested deeper than [MaxDepth] ([ErrDepth]). What follows the value does not matter.
func CheckMsgDepth(b []byte) error { return walkDepth(b, MaxDepth) }

func walkDepth(b []byte, most int) error {
	r := msgp.NewReaderSize(bytes.NewReader(b), 512)
	return walkMsg(r, most, func(n uint64) error {
		_, err := r.R.Skip(int(min(n, 1<<31)))
		return err
	})
}

// MsgTag returns the string that a map has under a name. A value that is no map
// is [ErrType], a map without the member [ErrMissing].
func MsgTag(b []byte, name string) (string, error) {
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
	return "", &Error{Kind: ErrMissing, Detail: name}
}
