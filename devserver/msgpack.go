package devserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// This file decodes frames in msgpack as production servers do, with the same error texts: it
// ignores bytes behind the frame, accepts a bin for a str, and takes nil as an empty value. It
// allocates nothing for a length that a message only claims.

// errNilTime drops the connection, as in production.
var errNilTime = errors.New("the frame's ts is nil")

// msgpackDecoder reads one message and keeps its first error.
type msgpackDecoder struct {
	rest []byte
	err  error
}

func decodeMsgpack(message []byte, fr *wire.Frame) error {
	d := &msgpackDecoder{rest: message}
	var f jsonFrame
	for range d.members() {
		switch name := d.text(); name {
		case "id":
			f.ID = d.text()
		case "type":
			f.Type = wire.FrameType(d.text())
		case "method":
			f.Method = d.text()
		case "correl_id":
			f.CorrelID = d.text()
		case "token":
			f.Token = d.text()
		case "app_id":
			f.AppID = d.text()
		case "org_id":
			f.OrgID = d.text()
		case "data":
			f.Data = d.bytes()
		case "channel":
			f.Channel = d.text()
		case "credits":
			f.Credits = d.integer()
		case "ts":
			f.TS = d.time()
		default: // including the error of a client's frame
			d.skip()
		}
		if d.err != nil {
			return d.err
		}
	}
	f.store(fr)
	return d.err
}

func (d *msgpackDecoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("msgpack: "+format, args...)
	}
}

// take returns the next n bytes, nil after an error.
func (d *msgpackDecoder) take(n uint64) []byte {
	if d.err == nil && n > uint64(len(d.rest)) {
		if d.err = io.ErrUnexpectedEOF; len(d.rest) == 0 {
			d.err = io.EOF
		}
	}
	if d.err != nil {
		return nil
	}
	taken := d.rest[:n:n]
	d.rest = d.rest[n:]
	return taken
}

// code reads the first byte of a value.
func (d *msgpackDecoder) code() byte {
	if c := d.take(1); c != nil {
		return c[0]
	}
	return 0
}

// size reads an unsigned integer of that many bytes.
func (d *msgpackDecoder) size(bytes uint64) uint64 {
	var whole [8]byte
	copy(whole[8-bytes:], d.take(bytes))
	return binary.BigEndian.Uint64(whole[:])
}

// members reads the head of the frame and returns how many members follow. nil and an empty array
// count as an empty map.
func (d *msgpackDecoder) members() uint64 {
	switch c := d.code(); {
	case d.err != nil, c == 0xc0, c == 0x90:
		return 0
	case c&0xf0 == 0x80:
		return uint64(c & 0x0f)
	case c == 0xde || c == 0xdf:
		return d.size(2 << (c - 0xde))
	case c&0xf0 == 0x90 || c == 0xdc || c == 0xdd:
		d.fail("number of fields in array-encoded struct has changed")
	default:
		d.fail("unexpected code=%x decoding map length", c)
	}
	return 0
}

// bytes reads a str or a bin; nil is empty.
func (d *msgpackDecoder) bytes() []byte {
	switch c := d.code(); {
	case d.err != nil, c == 0xc0:
		return nil
	case c&0xe0 == 0xa0:
		return d.take(uint64(c & 0x1f))
	case c >= 0xc4 && c <= 0xc6:
		return d.take(d.size(1 << (c - 0xc4)))
	case c >= 0xd9 && c <= 0xdb:
		return d.take(d.size(1 << (c - 0xd9)))
	default:
		d.fail("invalid code=%x decoding string/bytes length", c)
		return nil
	}
}

func (d *msgpackDecoder) text() string { return string(d.bytes()) }

func (d *msgpackDecoder) integer() int64 {
	switch c := d.code(); {
	case d.err != nil, c == 0xc0:
		return 0
	case c <= 0x7f || c >= 0xe0:
		return int64(int8(c))
	case c >= 0xcc && c <= 0xcf:
		return int64(d.size(1 << (c - 0xcc)))
	case c >= 0xd0 && c <= 0xd3:
		unused := 64 - 8<<(c-0xd0)
		return int64(d.size(1<<(c-0xd0))<<unused) >> unused
	default:
		d.fail("invalid code=%x decoding int64", c)
		return 0
	}
}

// extension reads the head of an extension.
func (d *msgpackDecoder) extension(c byte) (kind int8, size uint64) {
	switch {
	case d.err != nil:
		return 0, 0
	case c >= 0xd4 && c <= 0xd8:
		size = 1 << (c - 0xd4)
	case c >= 0xc7 && c <= 0xc9:
		size = d.size(1 << (c - 0xc7))
	default:
		d.fail("invalid code=%x decoding ext len", c)
		return 0, 0
	}
	return int8(d.code()), size
}

func (d *msgpackDecoder) time() time.Time {
	c := d.code()
	if d.err == nil && c == 0xc0 {
		d.err = errNilTime
	}
	kind, size := d.extension(c)
	if d.err == nil && kind != -1 {
		d.fail("got ext type=%d, wanted -1", kind)
	}
	var seconds, nanoseconds uint64
	switch {
	case d.err != nil:
	case size == 4:
		seconds = d.size(4)
	case size == 8:
		both := d.size(8)
		seconds, nanoseconds = both&(1<<34-1), both>>34
	case size == 12:
		nanoseconds, seconds = d.size(4), d.size(8)
	default:
		d.fail("invalid ext len=%d decoding time", size)
	}
	return time.Unix(int64(seconds), int64(nanoseconds)).UTC()
}

// skip skips a value of any kind, without recursion.
func (d *msgpackDecoder) skip() {
	for values := uint64(1); values > 0 && d.err == nil; values-- {
		switch c := d.code(); {
		case c <= 0x7f, c >= 0xe0, c == 0xc0, c == 0xc2, c == 0xc3:
		case c&0xf0 == 0x80:
			values += 2 * uint64(c&0x0f)
		case c&0xf0 == 0x90:
			values += uint64(c & 0x0f)
		case c&0xe0 == 0xa0:
			d.take(uint64(c & 0x1f))
		case c >= 0xc4 && c <= 0xc6:
			d.take(d.size(1 << (c - 0xc4)))
		case c >= 0xd9 && c <= 0xdb:
			d.take(d.size(1 << (c - 0xd9)))
		case c == 0xca || c == 0xcb:
			d.take(4 << (c - 0xca))
		case c >= 0xcc && c <= 0xcf:
			d.take(1 << (c - 0xcc))
		case c >= 0xd0 && c <= 0xd3:
			d.take(1 << (c - 0xd0))
		case c >= 0xc7 && c <= 0xc9 || c >= 0xd4 && c <= 0xd8:
			_, size := d.extension(c)
			d.take(size)
		case c == 0xdc || c == 0xdd:
			values += d.size(2 << (c - 0xdc))
		case c == 0xde || c == 0xdf:
			values += 2 * d.size(2<<(c-0xde))
		default:
			d.fail("unknown code %x", c)
		}
	}
}
