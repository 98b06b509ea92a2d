package client

import (
	"bytes"
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/wire"
)

// waiting is a caller that puts a frame, and how it ended.
type waiting struct {
	*exchange
	err  error
	done chan struct{}
}

// later puts a frame from a goroutine of its own and lets it come to rest.
func (b *boxed) later(ctx context.Context, dead chan struct{}, method string, size int) *waiting {
	w := &waiting{exchange: b.exchange(size), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.err = b.putCall(ctx, dead, method, w.exchange)
	}()
	synctest.Wait()
	return w
}

func (w *waiting) isDone() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

func states(ws ...*waiting) (done []bool) {
	synctest.Wait()
	for _, w := range ws {
		done = append(done, w.isDone())
	}
	return done
}

func TestRoomIsGrantedInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBoxed(t, wire.FormatJSON, 10_000)
		first := b.call("first", 9000)
		large := b.later(t.Context(), nil, "large", 8000)
		small := b.later(t.Context(), nil, "small", 0)
		if diff := cmp.Diff([]bool{false, false}, states(large, small)); diff != "" {
			t.Error("no room, or not yet their turn: " + diff)
		}
		b.begin()
		if b.takeBack(first) {
			t.Error("a written frame was taken back")
		}
		if diff := cmp.Diff([]bool{false, false}, states(large, small)); diff != "" {
			t.Error("the batch under way counts: " + diff)
		}
		if err := b.flush(&sink{left: -1}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]bool{true, true}, states(large, small)); diff != "" {
			t.Error("there is room after the flush: " + diff)
		}
		more := b.later(t.Context(), nil, "more", 8000)
		if !b.takeBack(&large.number) {
			t.Error("too late")
		}
		if diff := cmp.Diff([]bool{true}, states(more)); diff != "" {
			t.Error("there is room for what was taken back: " + diff)
		}
		to := &sink{left: -1}
		if err := b.flushTo(to); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"small", "more"}, to.methods(t, wire.FormatJSON)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCallerThatNoLongerWaitsForRoomLetsThoseBehindIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBoxed(t, wire.FormatJSON, 10_000)
		b.call("first", 5000)
		ctx, cancel := context.WithCancel(t.Context())
		dead := make(chan struct{})
		large := b.later(ctx, nil, "large", 8000)
		orphan := b.later(t.Context(), dead, "orphan", 8000)
		small := b.later(t.Context(), nil, "small", 0)
		cancel()
		if diff := cmp.Diff([]bool{true, false, false}, states(large, orphan, small)); diff != "" {
			t.Error(diff)
		}
		close(dead)
		if diff := cmp.Diff([]bool{true, true, true}, states(large, orphan, small)); diff != "" {
			t.Error(diff)
		}
		if large.err == nil || orphan.err != errOver || small.err != nil {
			t.Errorf("%v, %v, %v", large.err, orphan.err, small.err)
		}
	})
}

func TestFrameThatDoesNotEncodeGivesItsRoomBack(t *testing.T) {
	t.Parallel()
	b := newBoxed(t, wire.FormatJSON, 10_000)
	for range 10 {
		x := b.exchange(0)
		x.request = bytes.Repeat([]byte("["), 5000) // nested too deeply
		if err := b.putCall(t.Context(), nil, "m", x); err == nil {
			t.Fatal("it was put")
		}
	}
	if b.room.used != 0 {
		t.Errorf("%d bytes are taken by nothing", b.room.used)
	}
}

// Callers come and go at random while batches are written: none is forgotten, and at the end all of
// the room is there again.
func TestRoomIsConserved(t *testing.T) {
	t.Parallel()
	b := newBoxed(t, wire.FormatJSON, 4000)
	stop := make(chan struct{})
	var writer, callers sync.WaitGroup
	writer.Go(func() {
		for {
			select {
			case <-b.wake:
			case <-stop:
				return
			}
			if some, _ := b.begin(); some {
				if err := b.flush(&sink{left: -1}, time.Minute); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for i := range 16 {
		callers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			for range 500 {
				ctx, cancel := context.WithCancel(t.Context())
				if r.IntN(2) == 0 {
					go cancel()
				}
				x := b.exchange(r.IntN(3000))
				if b.putCall(ctx, nil, "m", x) == nil && r.IntN(2) == 0 {
					b.takeBack(&x.number)
				}
				cancel()
			}
		})
	}
	callers.Wait()
	close(stop)
	writer.Wait()
	if b.begin(); b.flush(&sink{left: -1}, time.Minute) != nil || b.room.used != 0 || b.room.queue.Len() != 0 || b.calls != 0 {
		t.Errorf("%d bytes are taken and %d callers wait at the end", b.room.used, b.room.queue.Len())
	}
}

func TestSmallFramesPassLargeOnesThatWaitForEachOther(t *testing.T) {
	eachFormatInBubble(t, func(t *testing.T, format wire.Format) {
		b := newBoxed(t, format, 16<<20)
		b.large.max = mostLarge
		first := b.later(t.Context(), nil, "first", 1<<20)
		ctx, cancel := context.WithCancel(t.Context())
		second := b.later(ctx, nil, "second", 1<<20)
		dead := make(chan struct{})
		third := b.later(t.Context(), dead, "third", largeFrame)
		fourth := b.later(t.Context(), nil, "fourth", largeFrame)
		small := b.later(t.Context(), nil, "small", largeFrame/2)
		if diff := cmp.Diff([]bool{true, false, false, false, true}, states(first, second, third, fourth, small)); diff != "" {
			t.Error("one large frame and a small one: " + diff)
		}
		b.begin()
		if diff := cmp.Diff([]bool{false, false, false}, states(second, third, fourth)); diff != "" {
			t.Error("the batch in progress counts: " + diff)
		}
		cancel()
		close(dead)
		if diff := cmp.Diff([]bool{true, true, false}, states(second, third, fourth)); diff != "" {
			t.Error("two give up: " + diff)
		}
		if second.err == nil || third.err != errOver {
			t.Errorf("%v, %v", second.err, third.err)
		}
		to := &sink{left: -1}
		if err := b.flush(to, time.Minute); err != nil {
			t.Fatal(err)
		}
		fifth := b.later(t.Context(), nil, "fifth", 1<<20)
		if diff := cmp.Diff([]bool{true, false}, states(fourth, fifth)); diff != "" {
			t.Error("after the flush: " + diff)
		}
		if !b.takeBack(&fourth.number) {
			t.Error("too late")
		}
		if diff := cmp.Diff([]bool{true}, states(fifth)); diff != "" {
			t.Error("what was taken back gives its place to the next: " + diff)
		}
		if err := b.flushTo(to); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"first", "small", "fifth"}, to.methods(t, format)); diff != "" {
			t.Error(diff)
		}
		if b.large.used != 0 || b.room.used != 0 || b.held != 0 {
			t.Errorf("%d bytes of large frames and %d of all are counted for none", b.large.used, b.room.used)
		}
	})
}

func eachFormatInBubble(t *testing.T, f func(t *testing.T, format wire.Format)) {
	eachFormat(t, func(t *testing.T, format wire.Format) {
		synctest.Test(t, func(t *testing.T) { f(t, format) })
	})
}
