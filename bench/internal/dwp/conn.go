package dwp

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"

	"github.com/gobwas/ws"
)

const batch = 64 << 10

// Conn exchanges WebSocket messages at the least cost. What Send was given goes out when Next would
// have to wait for input, when 64 KiB are there, or at Flush. One goroutine may read and another
// send if neither relies on Next's flushing; see Reader.
type Conn struct {
	nc     net.Conn
	in     *bufio.Reader
	out    []byte
	client bool // it masks what it sends
	hold   bool // Next does not flush
	parts  []byte
	large  []byte // the latest frame that did not fit into the buffer
}

// NewConn wraps a connection whose handshake is over. It reads from in, which may have read ahead,
// unless in is nil.
func NewConn(nc net.Conn, in *bufio.Reader, client bool) *Conn {
	if in == nil {
		in = bufio.NewReaderSize(nc, batch)
	} else {
		in = bufio.NewReaderSize(io.MultiReader(io.LimitReader(in, int64(in.Buffered())), nc), batch)
	}
	return &Conn{nc: nc, in: in, client: client}
}

// Reader makes Next leave the sending to another goroutine.
func (c *Conn) Reader() { c.hold = true }

// Buffered reports whether more input is there already.
func (c *Conn) Buffered() bool { return c.in.Buffered() > 0 }

// Close closes the connection.
func (c *Conn) Close() error { return c.nc.Close() }

// Next returns the next message. It is valid until the call after it.
func (c *Conn) Next() ([]byte, error) {
	for {
		final, op, payload, err := c.frame()
		if err != nil {
			return nil, err
		}
		switch {
		case op == ws.OpClose:
			return nil, io.EOF
		case op == ws.OpPing && !c.hold:
			if err := c.Send(ws.OpPong, payload); err != nil {
				return nil, err
			}
		case op.IsControl():
		case final && len(c.parts) == 0:
			return payload, nil
		default:
			c.parts = append(c.parts, payload...)
			if final {
				whole := c.parts
				c.parts = c.parts[:0]
				return whole, nil
			}
		}
	}
}

func (c *Conn) frame() (final bool, op ws.OpCode, payload []byte, err error) {
	head, err := c.peek(2)
	if err != nil {
		return false, 0, nil, err
	}
	size, length := 2, int(head[1]&0x7f)
	switch length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	masked := head[1]&0x80 != 0
	if masked {
		size += 4
	}
	if head, err = c.peek(size); err != nil {
		return false, 0, nil, err
	}
	switch length {
	case 126:
		length = int(binary.BigEndian.Uint16(head[2:]))
	case 127:
		length = int(binary.BigEndian.Uint64(head[2:]))
	}
	final, op = head[0]&0x80 != 0, ws.OpCode(head[0]&0x0f)
	var mask [4]byte
	if masked {
		mask = [4]byte(head[size-4:])
	}
	if _, err = c.in.Discard(size); err != nil {
		return false, 0, nil, err
	}
	if payload, err = c.take(length); masked {
		ws.Cipher(payload, mask, 0)
	}
	return final, op, payload, err
}

// peek returns n bytes of input without taking them.
func (c *Conn) peek(n int) ([]byte, error) {
	if err := c.beforeInput(n); err != nil {
		return nil, err
	}
	return c.in.Peek(n)
}

// take returns n bytes of input: in place where the buffer can hold them.
func (c *Conn) take(n int) ([]byte, error) {
	if n <= batch {
		b, err := c.peek(n)
		if err != nil {
			return nil, err
		}
		_, err = c.in.Discard(n)
		return b, err
	}
	if err := c.beforeInput(n); err != nil {
		return nil, err
	}
	if cap(c.large) < n {
		c.large = make([]byte, n)
	}
	_, err := io.ReadFull(c.in, c.large[:n])
	return c.large[:n], err
}

func (c *Conn) beforeInput(n int) error {
	if c.hold || c.in.Buffered() >= n {
		return nil
	}
	return c.Flush()
}

// Send adds a message of one frame to what goes out.
func (c *Conn) Send(op ws.OpCode, payload []byte) error {
	var masked byte
	if c.client {
		masked = 0x80
	}
	c.out = append(c.out, 0x80|byte(op))
	switch n := len(payload); {
	case n < 126:
		c.out = append(c.out, masked|byte(n))
	case n < 1<<16:
		c.out = binary.BigEndian.AppendUint16(append(c.out, masked|126), uint16(n))
	default:
		c.out = binary.BigEndian.AppendUint64(append(c.out, masked|127), uint64(n))
	}
	if c.client {
		var key [4]byte
		binary.LittleEndian.PutUint32(key[:], rand.Uint32())
		c.out = append(append(c.out, key[:]...), payload...)
		ws.Cipher(c.out[len(c.out)-len(payload):], key, 0)
	} else {
		c.out = append(c.out, payload...)
	}
	if len(c.out) >= batch {
		return c.Flush()
	}
	return nil
}

// Flush sends what is waiting to go out.
func (c *Conn) Flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.nc.Write(c.out)
	c.out = c.out[:0]
	return err
}
