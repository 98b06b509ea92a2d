package websock

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/gobwas/ws"
)

// TestMemoryForAMessageDoesNotGrowWithItsFragments is not parallel, since it measures what is
// allocated.
func TestMemoryForAMessageDoesNotGrowWithItsFragments(t *testing.T) {
	const size = 64 << 10
	for _, each := range []int{1, 100, 1000, size - 2, size} {
		message := bytes.Repeat([]byte("0123456789abcdef"), size/16)
		var data []byte
		op := ws.OpText
		for i := 0; i < size; i += each {
			end := min(i+each, size)
			data = append(data, compile(t, ws.NewFrame(op, end == size, message[i:end]))...)
			op = ws.OpContinuation
		}
		in := NewReader(bytes.NewReader(data), options(ws.StateClientSide, size))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, got, err := in.Next()
		runtime.ReadMemStats(&after)
		if err != nil || !bytes.Equal(got, message) {
			t.Fatalf("in fragments of %d bytes: %d bytes, %v", each, len(got), err)
		}
		if cap(got) > size {
			t.Errorf("in fragments of %d bytes: %d KiB are kept for %d, which is the limit", each, cap(got)>>10, size>>10)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 5*size {
			t.Errorf("in fragments of %d bytes: %d KiB are allocated for %d", each, took>>10, size>>10)
		}
	}
}
