package wire

import (
	"encoding/binary"
	"time"
	"unicode/utf8"
)

// The decoder of a frame in msgpack, like the one in onepass_json.go: a map of few known members,
// each once, with short keys and strings in their shortest form, data in a bin, times in 8 bytes.

// The first bytes of msgpack values, those of short ones without their length.
const (
	shortMap    = 0x80
	shortString = 0xa0
	string8     = 0xd9
	bin8        = 0xc4
	bin16       = 0xc5
	bin32       = 0xc6
)

// onePassMsgpack reports whether it has read the frame; if not, *v is unspecified.
func (d *Decoder) onePassMsgpack(b []byte, v *View) bool {
	*v = View{}
	if len(b) == 0 || b[0]&0xf0 != shortMap {
		return false
	}
	var have members
	i := 1
	for range b[0] & 0x0f {
		rest := b[i:]
		if len(rest) < 3 {
			return false
		}
		m, end := memberUnknown, -1
		switch rest[1] {
		case 'i':
			if m = memberID; string(rest[:3]) == "\xa2id" {
				v.ID, end = shortText(b, i+3)
			}
		case 't':
			if len(rest) >= 5 && string(rest[:5]) == "\xa4type" {
				var name []byte
				m = memberType
				name, end = shortText(b, i+5)
				if v.Type = FrameType(known(name)); v.Type == "" {
					return false
				}
			} else if m = memberTS; string(rest[:3]) == "\xa2ts" {
				v.TS, end = timestamp(b, i+3)
			}
		case 'c':
			if len(rest) >= 10 && string(rest[:10]) == "\xa9correl_id" {
				m = memberCorrelID
				v.CorrelID, end = shortText(b, i+10)
			} else if m = memberChannel; len(rest) >= 8 && string(rest[:8]) == "\xa7channel" {
				v.Channel, end = shortText(b, i+8)
			}
		case 'd':
			if m = memberData; len(rest) >= 5 && string(rest[:5]) == "\xa4data" {
				v.Data, end = bin(b, i+5)
			}
		}
		if end < 0 || have.twice(m) {
			return false
		}
		i = end
	}
	if i != len(b) {
		return false
	}
	if v.Type == TypeEvent {
		after, seen := d.envelopeJSON(v.Data, 0, MaxDepth, &v.Event)
		return after == len(v.Data) && (seen&highs == 0 || utf8.Valid(v.Data))
	}
	return true
}

// shortText reads the string of less than 256 bytes that begins at i, and returns the index after
// it, -1 if there is none.
func shortText(b []byte, i int) (s []byte, after int) {
	if i >= len(b) {
		return nil, -1
	}
	var n int
	switch c := b[i]; {
	case c&0xe0 == shortString:
		n = int(c & 0x1f)
	case c == string8 && i+1 < len(b):
		i++
		n = int(b[i])
	default:
		return nil, -1
	}
	return cut(b, i+1, n)
}

// bin is shortText for a bin.
func bin(b []byte, i int) (s []byte, after int) {
	rest := b[i:]
	switch {
	case len(rest) >= 2 && rest[0] == bin8:
		return cut(b, i+2, int(rest[1]))
	case len(rest) >= 3 && rest[0] == bin16:
		return cut(b, i+3, int(binary.BigEndian.Uint16(rest[1:])))
	case len(rest) >= 5 && rest[0] == bin32 && rest[1] < 0x80:
		return cut(b, i+5, int(binary.BigEndian.Uint32(rest[1:])))
	}
	return nil, -1
}

// cut returns n bytes from i on.
func cut(b []byte, i, n int) (s []byte, after int) {
	if n > len(b)-i {
		return nil, -1
	}
	return b[i : i+n : i+n], i + n
}

// timestamp reads the time that begins at i.
func timestamp(b []byte, i int) (t time.Time, after int) {
	const head, size = "\xd7\xff", 10
	rest := b[i:]
	if len(rest) < size || string(rest[:len(head)]) != head {
		return t, -1
	}
	x := binary.BigEndian.Uint64(rest[len(head):])
	nanoseconds, second := int64(x>>34), int64(x&(1<<34-1))
	if nanoseconds >= int64(time.Second) {
		return t, -1
	}
	return time.Unix(second, nanoseconds).UTC(), i + size
}
