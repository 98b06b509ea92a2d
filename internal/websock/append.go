package websock

import (
	"encoding/binary"

	"github.com/gobwas/ws"
)

// Append appends a message of one frame, or a control frame, to dst. The side is the sender's own:
// a client's frames are masked. The payload is not changed.
func Append(dst []byte, side ws.State, op ws.OpCode, payload []byte) []byte {
	dst, mask := appendHeader(dst, side, op, len(payload))
	start := len(dst)
	dst = append(dst, payload...)
	if side.ClientSide() {
		ws.Cipher(dst[start:], mask, 0)
	}
	return dst
}

// Reserve appends room for a header. A message is written in place by appending its payload to the
// result and calling [Seal].
func Reserve(dst []byte) []byte {
	var room [ws.MaxHeaderSize]byte
	return append(dst, room[:]...)
}

// Payload returns what was appended after [Reserve] was called with start bytes in the buffer.
func Payload(buf []byte, start int) []byte { return buf[start+ws.MaxHeaderSize:] }

// Seal makes a frame of what was appended after [Reserve] was called with start bytes in the
// buffer. It masks the payload in place if side, the sender's own, is a client's, and moves it next
// to its header.
func Seal(buf []byte, start int, side ws.State, op ws.OpCode) []byte {
	payload := Payload(buf, start)
	h, mask := appendHeader(buf[:start:start+ws.MaxHeaderSize], side, op, len(payload))
	if side.ClientSide() {
		ws.Cipher(payload, mask, 0)
	}
	n := copy(buf[len(h):], payload)
	return buf[:len(h)+n]
}

// appendHeader appends the header of a frame of n bytes. The mask is random on a client's side.
func appendHeader(dst []byte, side ws.State, op ws.OpCode, n int) (_ []byte, mask [4]byte) {
	const fin = 0x80
	var masked byte
	if side.ClientSide() {
		masked, mask = 0x80, ws.NewMask()
	}
	dst = append(dst, fin|byte(op))
	switch {
	case n <= 125:
		dst = append(dst, masked|byte(n))
	case n <= 0xffff:
		dst = binary.BigEndian.AppendUint16(append(dst, masked|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, masked|127), uint64(n))
	}
	if masked != 0 {
		dst = append(dst, mask[:]...)
	}
	return dst, mask
}
