package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/wire"
)

// sink is a connection that takes so many bytes, as many as come if negative.
type sink struct {
	net.Conn
	came bytes.Buffer
	left int
}

var errSink = errors.New("the sink is full")

func (s *sink) SetWriteDeadline(time.Time) error { return nil }

func (s *sink) Write(b []byte) (int, error) {
	if s.left < 0 || len(b) <= s.left {
		s.left -= len(b)
		return s.came.Write(b)
	}
	n, _ := s.came.Write(b[:s.left])
	s.left = 0
	return n, errSink
}

// methods are those of the frames that came.
func (s *sink) methods(t *testing.T, format wire.Format) (names []string) {
	t.Helper()
	for s.came.Len() > 0 {
		f, err := ws.ReadFrame(&s.came) //nolint:staticcheck // the test reads what this client writes
		var fr wire.Frame
		if err == nil {
			err = format.Decode(ws.UnmaskFrameInPlace(f).Payload, &fr)
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fr.Method)
	}
	return names
}

// boxed is an outbox and who puts into it.
type boxed struct {
	*outbox
	t *testing.T
}

func newBoxed(t *testing.T, format wire.Format, maxPending int) *boxed {
	b := &boxed{outbox: newOutbox(wire.NewIDs(), wire.MaxMessageBytes, maxPending), t: t}
	b.speak(format)
	b.large.max = maxPending
	return b
}

func request(method string, size int) *wire.Frame {
	return &wire.Frame{Type: wire.TypeRequest, Method: method, Data: json.RawMessage(`"` + strings.Repeat("x", size) + `"`)}
}

// call puts a caller's frame with so many bytes of data.
func (b *boxed) call(method string, size int) *atomic.Uint64 {
	b.t.Helper()
	x := b.exchange(size)
	if err := b.putCall(b.t.Context(), nil, method, x); err != nil {
		b.t.Fatal(err)
	}
	return &x.number
}

// exchange is that of a call with so many bytes of data.
func (o *outbox) exchange(size int) *exchange {
	return &exchange{id: o.ids.Next(), caller: &caller{request: request("", size).Data}, sent: time.Now()}
}

func (b *boxed) flushTo(s *sink) error {
	b.begin()
	return b.flush(s, time.Minute)
}

// kept is how many bytes of memory the outbox holds.
func (b *boxed) kept() int {
	return cap(b.buf) + cap(b.batch) + cap(b.spare) + cap(b.pong) + 24*(cap(b.spans)+cap(b.batchSpans))
}

func eachFormat(t *testing.T, f func(t *testing.T, format wire.Format)) {
	t.Helper()
	t.Parallel()
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			f(t, format)
		})
	}
}

func TestFlushThatFailsLeavesWrittenWhatEndedBefore(t *testing.T) {
	eachFormat(t, func(t *testing.T, format wire.Format) {
		for cut := 0; ; cut++ {
			b := newBoxed(t, format, 1<<20)
			frames := []*atomic.Uint64{b.call("a", 10), b.call("back", 7), b.call("b", 0), b.call("c", 200)}
			if !b.takeBack(frames[1]) {
				t.Fatal("a frame that waits was not taken back")
			}
			b.begin()
			behind := b.call("behind", 0)
			to := &sink{left: cut}
			err := b.flush(to, time.Minute)
			if err == nil {
				break
			}
			if to.came.Len() != cut || !errors.Is(err, errSink) {
				t.Fatalf("%d of %d bytes: %v", to.came.Len(), cut, err)
			}
			var want, got []bool
			for _, s := range b.batchSpans {
				want = append(want, s.end <= cut)
			}
			for _, number := range []*atomic.Uint64{frames[0], frames[2], frames[3]} {
				got = append(got, b.written(number.Load()))
				if b.takeBack(number) == b.written(number.Load()) {
					t.Errorf("cut after %d bytes: a frame is written and taken back, or neither", cut)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("cut after %d bytes: %s", cut, diff)
			}
			if b.written(frames[1].Load()) || b.written(behind.Load()) {
				t.Errorf("cut after %d bytes: a frame that was not in the batch is written", cut)
			}
		}
	})
}

func TestWriteOfAnImpossibleLengthFails(t *testing.T) {
	t.Parallel()
	for n, written := range map[int]bool{-1: false, 0: false, 5: false, 1 << 30: true} {
		b := newBoxed(t, wire.FormatJSON, 1<<20)
		number := b.call("a", 10)
		b.begin()
		if err := b.flush(liar{n: n}, time.Minute); !errors.Is(err, io.ErrShortWrite) || b.written(number.Load()) != written {
			t.Errorf("%d bytes: %v, written %v", n, err, b.written(number.Load()))
		}
	}
}

// liar is a connection that says that it wrote n bytes.
type liar struct {
	net.Conn
	n int
}

func (liar) SetWriteDeadline(time.Time) error { return nil }
func (l liar) Write([]byte) (int, error)      { return l.n, nil }

func TestFramesTakenBackAreNotSent(t *testing.T) {
	eachFormat(t, func(t *testing.T, format wire.Format) {
		for taken := range 1 << 5 {
			b := newBoxed(t, format, 1<<20)
			var numbers []*atomic.Uint64
			var want []string
			for i := range 5 {
				numbers = append(numbers, b.call(strconv.Itoa(i), 10*i))
			}
			for i, number := range numbers {
				if taken>>i&1 == 0 {
					want = append(want, strconv.Itoa(i))
				} else if !b.takeBack(number) {
					t.Error("too late")
				}
			}
			b.call("after", 3)
			to := &sink{left: -1}
			if err := b.flushTo(to); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append(want, "after"), to.methods(t, format)); diff != "" {
				t.Errorf("%05b: %s", taken, diff)
			}
			for i, number := range numbers {
				if b.written(number.Load()) != (taken>>i&1 == 0) {
					t.Errorf("%05b: written %v", taken, b.written(number.Load()))
				}
			}
		}
	})
}

func TestFramesTakenBackLeaveTheBufferDuringAFlush(t *testing.T) {
	for name, test := range map[string]struct{ stay, size, gone, each int }{
		"all":                   {0, 0, 12, 1 << 20},
		"few large among many":  {1000, 0, 8, 1 << 20},
		"many small behind one": {1, 4 << 20, 20_000, 0},
		"one after another":     {1, 100, 1, 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			eachFormat(t, func(t *testing.T, format wire.Format) {
				b := newBoxed(t, format, 32<<20)
				b.begin() // and no end
				for range test.stay {
					b.call("stays", test.size)
				}
				size := len(b.buf)
				for range 2 {
					var numbers []*atomic.Uint64
					for range test.gone {
						numbers = append(numbers, b.call("goes", test.each))
					}
					for _, number := range numbers {
						b.takeBack(number)
					}
					if len(b.buf) > 2*size || cap(b.buf) > max(8*size, keptBuffer) || len(b.spans) > 2*test.stay {
						t.Errorf("%d frames of %d bytes stay, and %d of %d are kept, in a buffer of %d",
							test.stay, size, len(b.spans), len(b.buf), cap(b.buf))
					}
				}
				if b.room.used != size {
					t.Errorf("%d bytes are counted for %d", b.room.used, size)
				}
				to := &sink{left: -1}
				if err := b.flushTo(to); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(slices.Repeat([]string{"stays"}, test.stay), to.methods(t, format), cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestLargeBuffersAreGivenBackAfterAFlush(t *testing.T) {
	eachFormat(t, func(t *testing.T, format wire.Format) {
		b := newBoxed(t, format, 64<<20)
		for range 2 {
			b.call("large", 3<<20)
			for range keptSpans {
				b.call("small", 0)
			}
			b.answer(ws.OpText, make([]byte, 2<<20))
			if err := b.flushTo(&sink{left: -1}); err != nil {
				t.Fatal(err)
			}
			if kept := b.kept(); kept > 2*keptBuffer {
				t.Errorf("%d bytes are kept of nothing", kept)
			}
		}
	})
}

// The session's own frames wait for nothing. Those that a peer or a user can make many of stop when
// as many bytes wait as callers' frames may have.
func TestOwnFramesNeedNoRoomAndAreBounded(t *testing.T) {
	eachFormat(t, func(t *testing.T, format wire.Format) {
		conn, _ := memnet.Pipe(0)
		cfg := defaults()
		cfg.credits, cfg.limits.PendingBytes = 1, 2<<20
		s := newSession(cfg, 1, false, conn, conn, new(counters))
		s.format, s.events = format, new(spending)
		s.out.speak(format)
		s.out.large.max = cfg.limits.PendingBytes
		s.startCredits()
		calls := 0
		for ctx, cancel := context.WithCancel(t.Context()); ; calls++ {
			cancel()
			if err := s.out.putCall(ctx, nil, "call", s.out.exchange(500_000)); err != nil {
				break
			}
		}
		c := newClient(cfg)
		c.registry.restore(s)
		subscribe := func() error {
			sub, err := c.newSubscription("jobs", nil)
			if err != nil {
				t.Fatal(err)
			}
			return c.registry.add(sub)
		}
		var limit *LimitError
		for part := range 2 { // the second behind a batch of the first
			for range 50_000 {
				s.event(&wire.View{Type: wire.TypeEvent})
			}
			own := len(s.out.buf) + len(s.out.batch) - calls*500_000
			if own < cfg.limits.PendingBytes || own > cfg.limits.PendingBytes+10_000 {
				t.Errorf("part %d: the session's own take %d bytes, want %d and a little", part, own, cfg.limits.PendingBytes)
			}
			if err := subscribe(); !errors.Is(err, ErrTooManyCalls) || !errors.As(err, &limit) || limit.Field != "PendingBytes" || limit.Max != cfg.limits.PendingBytes {
				t.Errorf("part %d: Subscribe: %v", part, err)
			}
			s.out.begin()
		}
		if err := s.out.flush(&sink{left: -1}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := subscribe(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestOwnFrameThatIsTakenBackGivesCallersNoRoom(t *testing.T) {
	eachFormat(t, func(t *testing.T, format wire.Format) {
		b := newBoxed(t, format, 10_000)
		var own atomic.Uint64
		if err := b.putOwn(request("own", 5000), b.ids.Next(), &own); err != nil {
			t.Fatal(err)
		}
		b.call("call", 1000)
		used := b.room.used
		for range 2 { // the second time there is nothing left to take
			if !b.takeBack(&own) {
				t.Error("too late")
			}
		}
		if len(b.buf) != used || b.room.used != used || b.calls != used {
			t.Errorf("%d bytes in the buffer, %d taken, %d of calls, want %d", len(b.buf), b.room.used, b.calls, used)
		}
		to := &sink{left: -1}
		if err := b.flushTo(to); err != nil || b.room.used != 0 {
			t.Errorf("%v, %d bytes taken", err, b.room.used)
		}
		if diff := cmp.Diff([]string{"call"}, to.methods(t, format)); diff != "" {
			t.Error(diff)
		}
	})
}
