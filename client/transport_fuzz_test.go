package client

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/gobwas/ws"
)

// fuzzLimit is the largest message that the fuzzed transport takes, in bytes.
const fuzzLimit = 4096

// inbound is a connection that only has something to read.
type inbound struct {
	net.Conn
	io.Reader
}

func (c inbound) Read(p []byte) (int, error) { return c.Reader.Read(p) }

// message is what a transport read, and how reading ended.
type message struct {
	Op   ws.OpCode
	Data string
}

// readAll reads messages to the end.
func readAll(r io.Reader) (messages []message, pings []string, err error) {
	t := newTransport(inbound{Reader: r}, fuzzLimit)
	t.onPing = func(payload []byte) { pings = append(pings, string(payload)) }
	for {
		data, op, err := t.next()
		if err != nil {
			return messages, pings, err
		}
		messages = append(messages, message{op, string(data)})
	}
}

// FuzzTransport: whatever a peer sends, reading it ends in a typed error, no message is above the limit, and
// how the bytes are cut into segments makes no difference.
func FuzzTransport(f *testing.F) {
	add := func(frames ...ws.Frame) {
		var b bytes.Buffer
		for _, frame := range frames {
			if err := ws.WriteFrame(&b, frame); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(b.Bytes())
		f.Add(b.Bytes()[:b.Len()-1])
	}
	add(ws.NewTextFrame([]byte(`{"id":"1"}`)), ws.NewCloseFrame(ws.NewCloseFrameBody(1001, "going")))
	add(ws.NewFrame(ws.OpText, false, []byte("in ")), ws.NewPingFrame([]byte("between")), ws.NewFrame(ws.OpContinuation, true, []byte("two")))
	add(ws.NewFrame(ws.OpContinuation, true, []byte("of nothing")))
	add(ws.NewFrame(ws.OpText, false, nil), ws.NewTextFrame([]byte("a second first")))
	add(ws.MaskFrame(ws.NewTextFrame([]byte("masked"))))
	add(ws.NewBinaryFrame(bytes.Repeat([]byte{0x81}, fuzzLimit)), ws.NewBinaryFrame(make([]byte, fuzzLimit+1)))
	add(ws.NewFrame(ws.OpText, false, make([]byte, fuzzLimit)), ws.NewFrame(ws.OpContinuation, true, make([]byte, 1)))
	add(ws.NewCloseFrame(nil), ws.NewTextFrame([]byte("after the close")))
	add(ws.NewCloseFrame([]byte{3}), ws.NewFrame(ws.OpPing, false, nil), ws.NewFrame(0xb, true, nil))
	f.Add([]byte{0x82, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0xf1, 0x00, 0x89, 0x7e, 0x01, 0x00})
	f.Fuzz(func(t *testing.T, sent []byte) {
		messages, pings, err := readAll(bytes.NewReader(sent))
		total := 0
		for _, m := range messages {
			total += len(m.Data)
			if len(m.Data) > fuzzLimit {
				t.Errorf("a message of %d bytes", len(m.Data))
			}
		}
		if total > len(sent) {
			t.Errorf("%d bytes in messages out of %d sent", total, len(sent))
		}
		var breach *ProtocolError
		var closed *CloseError
		var limit *LimitError
		if !errors.As(err, &breach) && !errors.As(err, &closed) && !errors.As(err, &limit) && err != io.EOF {
			t.Errorf("reading ended with %T: %v", err, err)
		}
		slowly, slowPings, slowErr := readAll(iotest.OneByteReader(bytes.NewReader(sent)))
		if !slices.Equal(messages, slowly) {
			t.Errorf("it reads %q, byte by byte %q", messages, slowly)
		}
		if !slices.Equal(pings, slowPings) {
			t.Errorf("it hears the pings %q, byte by byte %q", pings, slowPings)
		}
		if err.Error() != slowErr.Error() {
			t.Errorf("reading ended with %v, byte by byte with %v", err, slowErr)
		}
	})
}
