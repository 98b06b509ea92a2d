package websock

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"github.com/gobwas/ws"
)

// sides are a sender's side and its peer's.
var sides = map[string]struct{ sender, peer ws.State }{
	"from a client": {ws.StateClientSide, ws.StateServerSide},
	"from a server": {ws.StateServerSide, ws.StateClientSide},
}

// inPlace is Append by way of Reserve and Seal.
func inPlace(dst []byte, side ws.State, op ws.OpCode, payload []byte) []byte {
	return Seal(append(Reserve(dst), payload...), len(dst), side, op)
}

func TestPeerReadsWhatWasAppended(t *testing.T) {
	t.Parallel()
	for way, add := range map[string]func([]byte, ws.State, ws.OpCode, []byte) []byte{"at once": Append, "in place": inPlace} {
		for name, side := range sides {
			t.Run(way+" "+name, func(t *testing.T) {
				t.Parallel()
				var out []byte
				sizes := []int{0, 1, 125, 126, 65535, 65536, 100_000}
				message := func(size int) []byte { return bytes.Repeat([]byte("message "), size/8+1)[:size] }
				for _, size := range sizes {
					payload := message(size)
					out = add(out, side.sender, ws.OpBinary, payload)
					if !bytes.Equal(payload, message(size)) {
						t.Fatalf("the payload of %d bytes was changed", size)
					}
				}
				in := NewReader(bytes.NewReader(out), Options{Side: side.peer})
				for _, size := range sizes {
					if op, got, err := in.Next(); err != nil || op != ws.OpBinary || !bytes.Equal(got, message(size)) {
						t.Fatalf("message of %d bytes: %v, %d bytes, %v", size, op, len(got), err)
					}
				}
				if _, _, err := in.Next(); err != io.EOF {
					t.Errorf("after the last: %v", err)
				}
			})
		}
	}
}

func TestAppendedFramesHaveTheShortestHeader(t *testing.T) {
	t.Parallel()
	for size, header := range map[int]int{0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10} {
		payload := make([]byte, size)
		for name, got := range map[string]int{
			"server":           len(Append(nil, ws.StateServerSide, ws.OpText, payload)),
			"server, in place": len(inPlace(nil, ws.StateServerSide, ws.OpText, payload)),
			"client":           len(Append(nil, ws.StateClientSide, ws.OpText, payload)) - 4,
			"client, in place": len(inPlace(nil, ws.StateClientSide, ws.OpText, payload)) - 4,
		} {
			if got != header+size {
				t.Errorf("%s: %d bytes take %d", name, size, got)
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	payload := make([]byte, 300)
	for name, side := range sides {
		b.Run(name, func(b *testing.B) {
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = inPlace(buf[:0], side.sender, ws.OpText, payload)
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	for _, size := range []int{100, 5000, 100_000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			in := NewReader(&again{data: Append(nil, ws.StateServerSide, ws.OpText, make([]byte, size))}, Options{Side: ws.StateClientSide})
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := in.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// again brings the same bytes again and again.
type again struct {
	data []byte
	pos  int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.data[a.pos:])
	a.pos = (a.pos + n) % len(a.data)
	return n, nil
}
