package websock

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/gobwas/ws"
)

// zeros brings these headers, each with as many zeros as it promises.
type zeros struct {
	headers []ws.Header
	rest    [][]byte // the bytes of the header under way
	left    int64    // zeros under way
}

func (z *zeros) Read(p []byte) (int, error) {
	switch {
	case len(z.rest) > 0:
		n := copy(p, z.rest[0])
		z.rest = z.rest[1:]
		return n, nil
	case z.left > 0:
		n := min(z.left, int64(len(p)))
		clear(p[:n])
		z.left -= n
		return int(n), nil
	case len(z.headers) == 0:
		return 0, io.EOF
	}
	h := z.headers[0]
	z.headers, z.left = z.headers[1:], h.Length
	frame, err := ws.CompileFrame(ws.Frame{Header: h})
	if err != nil {
		return 0, err
	}
	z.rest = [][]byte{frame}
	return z.Read(p)
}

func TestMessageTooLargeIsReadPastWithoutMemoryForIt(t *testing.T) {
	const limit = 8 << 20 // not parallel: it measures
	frame := func(op ws.OpCode, fin bool, length int64) ws.Header {
		return ws.Header{OpCode: op, Fin: fin, Length: length}
	}
	last := frame(ws.OpBinary, true, 10)
	for name, test := range map[string]struct {
		headers []ws.Header
		most    uint64 // bytes that may be allocated
	}{
		"one frame": {[]ws.Header{frame(ws.OpText, true, 4*limit), last}, 1 << 20},
		"fragments": {[]ws.Header{
			frame(ws.OpText, false, 1<<20), frame(ws.OpContinuation, false, 2*limit), frame(ws.OpContinuation, true, limit), last,
		}, 3 << 20}, // what had come before it became too large
		"an empty end": {[]ws.Header{
			frame(ws.OpText, false, 4*limit), frame(ws.OpContinuation, false, 0), frame(ws.OpPing, true, 5), frame(ws.OpContinuation, true, 0), last,
		}, 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			in := NewReader(&zeros{headers: test.headers}, options(ws.StateClientSide, limit))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			op, msg, err := in.Next()
			if len(msg) != 4<<10 || op != ws.OpText || err != ErrTooLarge {
				t.Fatalf("%d bytes, %v, %v", len(msg), op, err)
			}
			if op, msg, err := in.Next(); len(msg) != 10 || op != ws.OpBinary || err != nil {
				t.Errorf("the next: %d bytes, %v, %v", len(msg), op, err)
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > test.most {
				t.Errorf("%d bytes were allocated", grown)
			}
			if _, _, err := in.Next(); err != io.EOF {
				t.Error(err)
			}
		})
	}
}

func TestMessageBeyondFourTimesTheLimitIsNotReadPast(t *testing.T) {
	t.Parallel()
	const limit = 1 << 10
	for name, headers := range map[string][]ws.Header{
		"one frame":         {{OpCode: ws.OpText, Fin: true, Length: 4*limit + 1}},
		"fragments":         {{OpCode: ws.OpText, Length: 4 * limit}, {OpCode: ws.OpContinuation, Fin: true, Length: 1}},
		"fragments at once": {{OpCode: ws.OpText, Length: 1}, {OpCode: ws.OpContinuation, Length: 4 * limit}},
		"the largest claim": {{OpCode: ws.OpText, Length: 1}, {OpCode: ws.OpContinuation, Length: 1<<63 - 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := NewReader(&zeros{headers: headers}, options(ws.StateClientSide, limit))
			_, msg, err := in.Next()
			if msg != nil { // the beginning of what was still to be read past
				_, msg, err = in.Next()
			}
			if msg != nil || err != ErrTooLarge {
				t.Errorf("%d bytes, %v", len(msg), err)
			}
		})
	}
}

func TestBeginningOfADiscardedMessageComesFromAllItsFragments(t *testing.T) {
	t.Parallel()
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frames := []ws.Frame{
				fragment(ws.OpText, false, "one, "), fragment(ws.OpContinuation, false, ""), fragment(ws.OpContinuation, false, "two, and more"),
				fragment(ws.OpContinuation, true, " and more"), ws.NewTextFrame([]byte("the next")),
			}
			if side.sender.ClientSide() {
				for i := range frames {
					frames[i] = ws.MaskFrame(frames[i])
				}
			}
			o := options(side.peer, 10)
			o.PeekBytes = 8
			var peeked string
			o.Peek = func(beginning []byte) { peeked += string(beginning) }
			in := NewReader(bytes.NewReader(compile(t, frames...)), o)
			if op, message, err := in.Next(); err != ErrTooLarge || op != ws.OpText || string(message) != "one, two" || peeked != "one, two" {
				t.Errorf("%v %q, %v; peeked at %q", op, message, err, peeked)
			}
			if _, message, err := in.Next(); err != nil || string(message) != "the next" {
				t.Errorf("the next: %q, %v", message, err)
			}
		})
	}
}
