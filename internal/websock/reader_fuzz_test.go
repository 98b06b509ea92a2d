package websock

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
)

// chunks brings given bytes, a few at a time.
type chunks struct {
	data []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(c.size, len(c.data))])
	c.data = c.data[n:]
	return n, nil
}

func compile(tb testing.TB, frames ...ws.Frame) []byte {
	tb.Helper()
	var b bytes.Buffer
	for _, fr := range frames {
		if err := ws.WriteFrame(&b, fr); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

func fragment(op ws.OpCode, fin bool, s string) ws.Frame { return ws.NewFrame(op, fin, []byte(s)) }

// FuzzReader reads arbitrary bytes as WebSocket messages, on either side: the result is messages
// within the limit, the beginnings of larger ones, and then a typed error, the same however the
// bytes arrive, and memory stays within a constant times the input.
func FuzzReader(f *testing.F) {
	for _, frames := range [][]ws.Frame{
		{ws.NewTextFrame([]byte(`{"id":"1"}`)), ws.NewBinaryFrame(make([]byte, 300))},
		{fragment(ws.OpText, false, "a"), ws.NewPingFrame([]byte("p")), fragment(ws.OpContinuation, true, "b")},
		{ws.NewCloseFrame(ws.NewCloseFrameBody(1001, "bye"))},
		{ws.NewTextFrame(make([]byte, 70_000))},
		{fragment(ws.OpText, false, "a"), fragment(ws.OpContinuation, true, string(make([]byte, 70_000))), ws.NewTextFrame(nil)},
	} {
		f.Add(compile(f, frames...))
		for i := range frames {
			frames[i] = ws.MaskFrame(frames[i])
		}
		f.Add(compile(f, frames...))
	}
	f.Add([]byte{0x81, 127, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff})
	f.Add([]byte{0xc1, 0})
	f.Add([]byte{0x88, 1, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, side := range []ws.State{ws.StateClientSide, ws.StateServerSide} {
			const limit = 1 << 16
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			whole, err := readAll(data, 1<<20, side, limit)
			runtime.ReadMemStats(&after)
			if grown, most := after.TotalAlloc-before.TotalAlloc, uint64(8*len(data)+(1<<20)); grown > most {
				t.Errorf("%d bytes allocated for %d", grown, len(data))
			}
			bytewise, err2 := readAll(data, 1, side, limit)
			inPlace, err3 := readAllInPlace(data, 1<<10, side, limit)
			if diff := cmp.Diff(whole, inPlace); diff != "" || err3.Error() != err.Error() {
				t.Fatalf("in place: %v, %s", err3, diff)
			}
			if len(whole) != len(bytewise) || err.Error() != err2.Error() {
				t.Fatalf("%d messages and %v at once, %d and %v byte by byte", len(whole), err, len(bytewise), err2)
			}
			for i := range whole {
				if !bytes.Equal(whole[i], bytewise[i]) {
					t.Fatalf("message %d differs", i)
				}
				if len(whole[i]) > limit {
					t.Fatalf("message %d has %d bytes", i, len(whole[i]))
				}
			}
			var broken *ProtocolError
			if err != io.EOF && err != errClosed && err != ErrTooLarge && !errors.As(err, &broken) {
				t.Fatalf("%T %v", err, err)
			}
		}
	})
}

var errClosed = errors.New("the peer sent a close frame")

// options are those of a reader with a limit, which discards messages up to four times as large.
func options(side ws.State, limit int64) Options {
	return Options{
		Side: side, MaxMessage: limit, MaxDiscard: 4 * limit, PeekBytes: 4 << 10,
		Control: func(op ws.OpCode, payload []byte) error {
			if op != ws.OpClose {
				return nil
			}
			if _, _, err := ParseClose(payload); err != nil {
				return err
			}
			return errClosed
		},
	}
}

func readAll(data []byte, size int, side ws.State, limit int64) ([][]byte, error) {
	return readAllWith(data, size, options(side, limit))
}

// readAllInPlace is readAll for a reader that returns parts of its buffer.
func readAllInPlace(data []byte, size int, side ws.State, limit int64) ([][]byte, error) {
	o := options(side, limit)
	o.InPlace = true
	return readAllWith(data, size, o)
}

func readAllWith(data []byte, size int, o Options) (messages [][]byte, err error) {
	peeks := 0
	o.Peek, o.PeekOver = func([]byte) { peeks++ }, func() { peeks-- }
	in := NewReader(&chunks{data: data, size: size}, o)
	for {
		_, msg, err := in.Next()
		switch {
		case peeks < 0 || peeks > 1:
			return messages, errors.New("Peek and PeekOver do not alternate")
		case err != nil && msg == nil:
			return messages, err
		case err != nil && len(msg) > o.PeekBytes:
			return messages, errors.New("more than the beginning of a message that is too large")
		}
		if in.InPlace() {
			if cap(msg) != len(msg) {
				return messages, errors.New("the capacity of a message reaches into what follows")
			}
			msg = append([]byte{}, msg...)
		}
		messages = append(messages, msg)
	}
}
