package websock

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
)

func TestReaderPutsFragmentsTogetherAndHandsControlFramesOver(t *testing.T) {
	t.Parallel()
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frames := []ws.Frame{
				ws.NewPingFrame([]byte("before")),
				fragment(ws.OpText, false, "one, "), ws.NewPongFrame([]byte("between")), fragment(ws.OpContinuation, false, ""),
				fragment(ws.OpContinuation, true, "two"), ws.NewBinaryFrame(nil), ws.NewPingFrame(nil),
			}
			if side.sender.ClientSide() {
				for i := range frames {
					frames[i] = ws.MaskFrame(frames[i])
				}
			}
			var got []string
			in := NewReader(&chunks{data: compile(t, frames...), size: 3}, Options{
				Side: side.peer,
				Control: func(op ws.OpCode, payload []byte) error {
					got = append(got, map[ws.OpCode]string{ws.OpPing: "ping ", ws.OpPong: "pong "}[op]+string(payload))
					return nil
				},
			})
			for {
				op, message, err := in.Next()
				if err == io.EOF {
					break
				}
				if err != nil || message == nil {
					t.Fatalf("%v, %v", message, err)
				}
				got = append(got, map[ws.OpCode]string{ws.OpText: "text ", ws.OpBinary: "binary "}[op]+string(message))
			}
			if diff := cmp.Diff([]string{"ping before", "pong between", "text one, two", "binary ", "ping "}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReaderRefusesWhatRFC6455Forbids(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent []byte // to a client
		want error  // nil for one that gobwas/ws has no name for
	}{
		"reserved bit":        {[]byte{0xc1, 0}, ws.ErrProtocolNonZeroRsv},
		"reserved opcode":     {[]byte{0x83, 0}, ws.ErrProtocolOpCodeReserved},
		"long control frame":  {[]byte{0x89, 126, 0, 126}, ws.ErrProtocolControlPayloadOverflow},
		"fragmented control":  {[]byte{0x09, 0}, ws.ErrProtocolControlNotFinal},
		"continues nothing":   {[]byte{0x80, 0}, ws.ErrProtocolContinuationUnexpected},
		"begins in a message": {[]byte{0x01, 0, 0x81, 0}, ws.ErrProtocolContinuationExpected},
		"negative length":     {[]byte{0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}, nil},
		"mask from a server":  {[]byte{0x81, 0x80, 1, 2, 3, 4}, ws.ErrProtocolMaskUnexpected},
		// and ends there
		"begins with the mask": {[]byte{0x81, 0xff}, ws.ErrProtocolMaskUnexpected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := NewReader(bytes.NewReader(test.sent), Options{Side: ws.StateClientSide})
			_, message, err := in.Next()
			var broken *ProtocolError
			if message != nil || !errors.As(err, &broken) || !errors.Is(broken.Err, test.want) {
				t.Errorf("%q, %v", message, err)
			}
		})
	}
	t.Run("no mask from a client", func(t *testing.T) {
		t.Parallel()
		_, _, err := NewReader(bytes.NewReader([]byte{0x81, 0}), Options{Side: ws.StateServerSide}).Next()
		if !errors.Is(err, ws.ErrProtocolMaskRequired) {
			t.Error(err)
		}
	})
}

func TestReaderReadsWhatWasPreloadedFirst(t *testing.T) {
	t.Parallel()
	data := append(Append(nil, ws.StateServerSide, ws.OpText, make([]byte, 100)), Append(nil, ws.StateServerSide, ws.OpText, []byte("second"))...)
	for _, n := range []int{0, 1, 50, 105, len(data)} {
		// The buffer is too small for most of what is preloaded.
		in := NewReader(bytes.NewReader(data[n:]), Options{Side: ws.StateClientSide, BufferSize: 1})
		in.Preload(data[:n])
		if _, message, err := in.Next(); err != nil || len(message) != 100 {
			t.Fatalf("%d preloaded: %d bytes, %v", n, len(message), err)
		}
		if _, message, err := in.Next(); err != nil || string(message) != "second" {
			t.Fatalf("%d preloaded: %q, %v", n, message, err)
		}
	}
}

func TestPeekSeesTheBeginningOfWhatTakesLong(t *testing.T) {
	t.Parallel()
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			big := bytes.Repeat([]byte("0123456789"), 1000)
			data := Append(nil, side.sender, ws.OpText, big)
			data = Append(data, side.sender, ws.OpText, []byte("short"))
			var peeked []string
			in := NewReader(&chunks{data: data, size: 64}, Options{
				Side: side.peer, BufferSize: 64, PeekBytes: 25,
				Peek:     func(beginning []byte) { peeked = append(peeked, string(beginning)) },
				PeekOver: func() { peeked = append(peeked, "over") },
			})
			if _, message, err := in.Next(); err != nil || !bytes.Equal(message, big) {
				t.Fatalf("%d bytes, %v", len(message), err)
			}
			if diff := cmp.Diff([]string{"0123456789012345678901234"}, peeked); diff != "" {
				t.Error(diff)
			}
			if _, message, err := in.Next(); err != nil || string(message) != "short" {
				t.Fatalf("%q, %v", message, err)
			}
			if diff := cmp.Diff([]string{"0123456789012345678901234", "over"}, peeked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessageTooLargeEndsAReaderThatDiscardsNone(t *testing.T) {
	t.Parallel()
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := Append(nil, side.sender, ws.OpText, make([]byte, 10))
			// which the limit does not concern
			data = Append(data, side.sender, ws.OpPing, make([]byte, 100))
			data = Append(data, side.sender, ws.OpText, make([]byte, 11))
			in := NewReader(bytes.NewReader(data), Options{Side: side.peer, MaxMessage: 10})
			if _, message, err := in.Next(); err != nil || len(message) != 10 {
				t.Errorf("%d bytes, %v", len(message), err)
			}
			if _, message, err := in.Next(); err != ErrTooLarge || message != nil {
				t.Errorf("%d bytes, %v", len(message), err)
			}
		})
	}
}

func TestMessageOfExactlyTheLimitMayHaveAnEmptyLastFragment(t *testing.T) {
	t.Parallel()
	data := compile(t, fragment(ws.OpText, false, "0123456789"), fragment(ws.OpContinuation, true, ""))
	_, message, err := NewReader(bytes.NewReader(data), options(ws.StateClientSide, 10)).Next()
	if err != nil || string(message) != "0123456789" {
		t.Errorf("%q, %v", message, err)
	}
}

func TestControlsErrorEndsTheReading(t *testing.T) {
	t.Parallel()
	in := NewReader(bytes.NewReader(compile(t, ws.NewCloseFrame(nil), ws.NewTextFrame(nil))), options(ws.StateClientSide, 10))
	if _, _, err := in.Next(); err != errClosed {
		t.Error(err)
	}
}

func TestMessagesInPlaceAreOverwrittenByTheNextAndOthersAreNot(t *testing.T) {
	t.Parallel()
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frames := []ws.Frame{
				ws.NewTextFrame([]byte("short")), ws.NewTextFrame([]byte("cut")), fragment(ws.OpText, false, "frag"),
				fragment(ws.OpContinuation, true, "ment"), ws.NewTextFrame(bytes.Repeat([]byte("large"), 100)),
			}
			if side.sender.ClientSide() {
				for i := range frames {
					frames[i] = ws.MaskFrame(frames[i])
				}
			}
			in := NewReader(&chunks{data: compile(t, frames...), size: 14}, Options{Side: side.peer, InPlace: true, PeekBytes: 100})
			for _, want := range []struct {
				message string
				inPlace bool
			}{{"short", true}, {"cut", true}, {"fragment", false}, {strings.Repeat("large", 100), false}} {
				_, message, err := in.Next()
				if err != nil || string(message) != want.message || in.InPlace() != want.inPlace {
					t.Errorf("%q, in place %v, %v; want %q, %v", message, in.InPlace(), err, want.message, want.inPlace)
				}
				if within := len(message) > 0 && &message[:1][0] == &in.buf[in.pos-min(in.pos, len(message)):][0]; within != want.inPlace {
					t.Errorf("%q is in the buffer: %v", message, within)
				}
			}
		})
	}
}
