package client

import (
	"encoding/binary"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// appendMessage appends a masked WebSocket message that holds the frame.
func appendMessage(dst []byte, op ws.OpCode, format wire.Format, fr *wire.Frame, limit int) ([]byte, error) {
	start := len(dst)
	var room [headerRoom]byte
	buf, err := format.Append(append(dst, room[:]...), fr)
	if err != nil {
		return dst, err
	}
	payload := buf[start+headerRoom:]
	if len(payload) > limit {
		return dst, tooLarge(limit)
	}
	return seal(buf, start, op, payload), nil
}

func appendControl(dst []byte, op ws.OpCode, payload []byte) []byte {
	start := len(dst)
	var room [headerRoom]byte
	dst = append(append(dst, room[:]...), payload...)
	return seal(dst, start, op, dst[start+headerRoom:])
}

// seal masks the payload, which stands headerRoom bytes after start, and puts its header right before it.
func seal(buf []byte, start int, op ws.OpCode, payload []byte) []byte {
	mask := ws.NewMask()
	ws.Cipher(payload, mask, 0)
	h := append(buf[:start:start+headerRoom], 0x80|byte(op))
	switch n := len(payload); {
	case n <= 125:
		h = append(h, 0x80|byte(n))
	case n <= 0xffff:
		h = binary.BigEndian.AppendUint16(append(h, 0x80|126), uint16(n))
	default:
		h = binary.BigEndian.AppendUint64(append(h, 0x80|127), uint64(n))
	}
	h = append(h, mask[:]...)
	n := copy(buf[len(h):], payload)
	return buf[:len(h)+n]
}
