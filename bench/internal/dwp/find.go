package dwp

import (
	"bytes"
	"fmt"
)

// Key finds the string value of a member by the bytes that come before it, without decoding the
// message. That is correct where no earlier value of the message contains those bytes, which holds
// for what the contestants send.
type Key struct{ json, msgpack []byte }

// NewKey returns the key of a member whose name has at most 31 bytes.
func NewKey(name string) Key {
	return Key{
		json:    fmt.Appendf(nil, "%q:\"", name),
		msgpack: append([]byte{0xa0 | byte(len(name))}, name...),
	}
}

// First returns the value of the first such member of a message in that format, or nil.
func (k Key) First(message []byte, format string) []byte {
	if format == Msgpack {
		return msgpackString(message, bytes.Index(message, k.msgpack), len(k.msgpack))
	}
	return jsonString(message, bytes.Index(message, k.json), len(k.json))
}

// Last returns the value of the last such member of data, which is JSON in both formats, or nil.
func (k Key) Last(message []byte) []byte {
	return jsonString(message, bytes.LastIndex(message, k.json), len(k.json))
}

func jsonString(message []byte, at, skip int) []byte {
	if at < 0 {
		return nil
	}
	rest := message[at+skip:]
	return rest[:max(0, bytes.IndexByte(rest, '"'))]
}

// msgpackString reads a string of up to 255 bytes.
func msgpackString(message []byte, at, skip int) []byte {
	if at < 0 || at+skip+2 > len(message) {
		return nil
	}
	rest := message[at+skip:]
	n, rest := int(rest[0]), rest[1:]
	switch {
	case n&0xe0 == 0xa0:
		n &= 0x1f
	case n == 0xd9:
		n, rest = int(rest[0]), rest[1:]
	default:
		return nil
	}
	return rest[:min(n, len(rest))]
}
