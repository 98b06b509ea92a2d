package websock

import (
	"encoding/binary"

	"github.com/gobwas/ws"
)

// header reads and checks a frame's header. Its first two bytes are checked before more is waited
// for.
func (r *Reader) header() (h ws.Header, err error) {
	if err := r.fill(2); err != nil {
		return h, err
	}
	b0, b1 := r.buf[r.pos], r.buf[r.pos+1]
	h.Fin, h.Rsv, h.OpCode = b0&0x80 != 0, b0>>4&0x7, ws.OpCode(b0&0xf)
	h.Masked, h.Length = b1&0x80 != 0, int64(b1&0x7f)
	if err := ws.CheckHeader(h, r.state); err != nil {
		return h, &ProtocolError{Reason: "bad WebSocket frame", Err: err}
	}
	extended := 0
	switch h.Length {
	case 126:
		extended = 2
	case 127:
		extended = 8
	}
	size := 2 + extended
	if h.Masked {
		size += len(h.Mask)
	}
	if err := r.fill(size); err != nil {
		return h, err
	}
	rest := r.buf[r.pos+2 : r.pos+size]
	r.pos += size
	switch extended {
	case 2:
		h.Length = int64(binary.BigEndian.Uint16(rest))
	case 8:
		n := binary.BigEndian.Uint64(rest)
		if n>>63 != 0 {
			return h, &ProtocolError{Reason: "bad WebSocket frame: negative length"}
		}
		h.Length = int64(n)
	}
	if r.masked, r.offset = h.Masked, 0; h.Masked {
		r.mask = [4]byte(rest[extended:])
	}
	return h, nil
}
