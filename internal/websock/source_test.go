package websock

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/gobwas/ws"
)

func TestReaderReadsFromAnySource(t *testing.T) {
	t.Parallel()
	for source, from := range map[string]func(io.Reader) io.Reader{
		"all at once":          func(r io.Reader) io.Reader { return r },
		"byte by byte":         iotest.OneByteReader,
		"half":                 iotest.HalfReader,
		"error with the rest":  iotest.DataErrReader,
		"nothing now and then": func(r io.Reader) io.Reader { return &reluctant{r: iotest.OneByteReader(r)} },
	} {
		for name, side := range sides {
			t.Run(source+" "+name, func(t *testing.T) {
				t.Parallel()
				const messages = 300 // of any size up to 99 bytes: some lie across the buffer's end
				var data []byte
				for i := range messages {
					data = Append(data, side.sender, ws.OpBinary, bytes.Repeat([]byte{byte(i)}, i%100))
				}
				for _, size := range []int{0, 1, 31, 100} {
					in := NewReader(from(bytes.NewReader(data)), Options{Side: side.peer, BufferSize: size})
					for i := range messages {
						_, message, err := in.Next()
						if want := bytes.Repeat([]byte{byte(i)}, i%100); err != nil || !bytes.Equal(message, want) {
							t.Fatalf("buffer of %d bytes, message %d: %d bytes, %v", size, i, len(message), err)
						}
					}
					if _, _, err := in.Next(); err != io.EOF {
						t.Errorf("after the last: %v", err)
					}
				}
			})
		}
	}
}

// reluctant returns nothing for a hundred reads before each that returns something, but for the
// first.
type reluctant struct {
	r    io.Reader
	idle int
}

func (r *reluctant) Read(p []byte) (int, error) {
	if r.idle > 0 {
		r.idle--
		return 0, nil
	}
	r.idle = 100
	return r.r.Read(p)
}

// hollow never returns anything.
type hollow struct{}

func (hollow) Read([]byte) (int, error) { return 0, nil }

func TestSourceThatBringsNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	message := Append(nil, ws.StateServerSide, ws.OpText, make([]byte, 100_000))
	for _, n := range []int{0, 1, 5, 10, len(message) - 100, len(message) - 1} {
		src := io.MultiReader(bytes.NewReader(message[:n]), hollow{})
		if _, _, err := NewReader(src, Options{Side: ws.StateClientSide}).Next(); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// asked notes how much was asked for at once.
type asked struct {
	r    io.Reader
	most int
}

func (a *asked) Read(p []byte) (int, error) {
	a.most = max(a.most, len(p))
	return a.r.Read(p)
}

func TestReaderReadsAheadNoMoreThanItsBuffer(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{0: 32 << 10, 1: ws.MaxHeaderSize, 5000: 5000} {
		src := &asked{r: bytes.NewReader(Append(nil, ws.StateServerSide, ws.OpText, make([]byte, 10)))}
		if _, _, err := NewReader(src, Options{Side: ws.StateClientSide, BufferSize: size}).Next(); err != nil {
			t.Fatal(err)
		}
		if src.most != want {
			t.Errorf("with a buffer of %d bytes, %d were asked for", size, src.most)
		}
	}
}
