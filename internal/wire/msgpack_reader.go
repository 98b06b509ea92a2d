package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/codec/msgpack"
)

// msgpackReader reads one msgpack value piece by piece. It keeps its first error, after which every
// method returns a zero value. Byte slices alias the input. Nothing is allocated for what the input
// merely claims to hold.
type msgpackReader struct {
	size int
	rest []byte
	err  error

	maxDepth int
}

func (r *msgpackReader) fail(kind error, detail string) {
	if r.err == nil {
		r.err = &codec.Error{Kind: kind, Offset: r.size - len(r.rest), Detail: detail}
	}
}

// check reports whether there is no error, neither an earlier one nor err, one of msgp.
func (r *msgpackReader) check(err error) bool {
	if err != nil {
		r.fail(kindOf(err), err.Error())
	}
	return r.err == nil
}

// kindOf returns what an error of msgp is in our words.
func kindOf(err error) error {
	switch err.(type) { //nolint:errorlint // msgp wraps nothing in what it returns
	case msgp.TypeError, msgp.InvalidTimestamp, msgp.ExtensionTypeError:
		return ErrWrongType
	case msgp.UintOverflow, msgp.UintBelowZero:
		return ErrRange
	}
	return ErrSyntax
}

// mapHeader reads the head of a map and returns how many members it claims to have.
func (r *msgpackReader) mapHeader() uint32 {
	if r.err != nil {
		return 0
	}
	n, rest, err := msgp.ReadMapHeaderBytes(r.rest)
	if !r.check(err) {
		return 0
	}
	r.rest = rest
	return n
}

func (r *msgpackReader) key() []byte { return r.read(msgp.ReadMapKeyZC) }

func (r *msgpackReader) text() []byte { return r.read(msgp.ReadStringZC) }

func (r *msgpackReader) read(read func([]byte) ([]byte, []byte, error)) []byte {
	if r.err != nil || !r.fits() {
		return nil
	}
	v, rest, err := read(r.rest)
	if !r.check(err) {
		return nil
	}
	r.rest = rest
	return slices.Clip(v)
}

// fits fails if the str, bin or extension that comes next claims more bytes than there are. msgp
// takes the claim for an int first, and panics where that has 32 bits and the claim does not fit.
func (r *msgpackReader) fits() bool {
	const header = 5 // of the forms whose length has 32 bits
	if len(r.rest) < header {
		return true
	}
	switch r.rest[0] {
	case 0xc6, 0xc9, 0xdb: // bin32, ext32, str32
		if uint64(binary.BigEndian.Uint32(r.rest[1:])) > uint64(len(r.rest)-header) {
			return r.check(msgp.ErrShortBytes)
		}
	}
	return true
}

// document reads JSON text, a bin or a str. Whether it is valid is seen when it is decoded.
func (r *msgpackReader) document() []byte {
	switch kind := msgp.NextType(r.rest); {
	case len(r.rest) == 0:
		r.check(msgp.ErrShortBytes)
	case kind == msgp.StrType:
		return r.text()
	case kind == msgp.BinType:
		return r.read(msgp.ReadBytesZC)
	default:
		r.fail(ErrWrongType, "expected JSON text in a bin or str, not "+kind.String())
	}
	return nil
}

// details reads more about an error, of whatever type a server sends it, as JSON: it is not worth a
// session.
func (r *msgpackReader) details() []byte {
	var text []byte
	if k := msgp.NextType(r.rest); k == msgp.BinType || k == msgp.StrType {
		text = r.document()
	} else {
		native, rest, err := msgpack.ReadJSON(r.rest)
		switch {
		case errors.Is(err, ErrTooDeep):
			r.fail(ErrTooDeep, "")
		case errors.Is(err, codec.ErrType), errors.Is(err, codec.ErrValue):
			// A value that JSON does not have, such as NaN.
			var lenient bytes.Buffer
			if rest, err = msgp.Skip(r.rest); err == nil {
				_, err = msgp.UnmarshalAsJSON(&lenient, r.rest[:len(r.rest)-len(rest)])
				native = lenient.Bytes()
			}
		default: // nil, or malformed
		}
		if r.check(err) {
			text, r.rest = native, rest
		}
	}
	if len(text) == 0 || json.Valid(text) {
		return text
	}
	return codec.AppendString(nil, string(text))
}

func (r *msgpackReader) uint32() uint32 {
	v, rest, err := msgp.ReadUint32Bytes(r.rest)
	if !r.check(err) {
		return 0
	}
	r.rest = rest
	return v
}

func (r *msgpackReader) time() time.Time {
	if k := msgp.NextType(r.rest); k != msgp.TimeType && k != msgp.ExtensionType && len(r.rest) > 0 {
		r.fail(ErrWrongType, "expected a timestamp, not "+k.String())
		return time.Time{}
	}
	v, rest, err := msgp.ReadTimeUTCBytes(r.rest)
	if !r.check(err) {
		return time.Time{}
	}
	r.rest = rest
	return v
}

// null reads a nil if one comes next, and reports whether one did.
func (r *msgpackReader) null() bool {
	if r.err != nil || !msgp.IsNil(r.rest) {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// skip reads a value of any kind, inside depth containers.
func (r *msgpackReader) skip(depth int) {
	if r.err != nil {
		return
	}
	var n uint64
	switch msgp.NextType(r.rest) {
	case msgp.MapType:
		n = 2 * uint64(r.mapHeader())
	case msgp.ArrayType:
		count, rest, err := msgp.ReadArrayHeaderBytes(r.rest)
		if r.check(err) {
			n, r.rest = uint64(count), rest
		}
	default:
		if !r.fits() {
			return
		}
		if rest, err := msgp.Skip(r.rest); r.check(err) {
			r.rest = rest
		}
		return
	}
	if depth >= r.maxDepth {
		r.fail(ErrTooDeep, "")
	}
	for range n {
		if r.skip(depth + 1); r.err != nil {
			return
		}
	}
}

// end returns the first error: of what was read, or that something follows it.
func (r *msgpackReader) end() error {
	if len(r.rest) > 0 {
		r.fail(ErrSyntax, "something follows the frame")
	}
	return r.err
}
