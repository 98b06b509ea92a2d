package memnet_test

import (
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/internal/leak"
	"github.com/xraph/dispatch/internal/memnet"
)

func TestMain(m *testing.M) { leak.Check(m) }

func TestWriteWaitsWhileTheBufferIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe(4)
		defer b.Close()
		go func() {
			defer a.Close()
			if n, err := a.Write([]byte("123456")); n != 6 || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
		}()
		synctest.Wait()
		got, err := io.ReadAll(b)
		if string(got) != "123456" || err != nil {
			t.Fatalf("ReadAll = %q, %v", got, err)
		}
	})
}

func TestDeadlineInterruptsAndCanBeMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe(0)
		defer a.Close()
		defer b.Close()
		start := time.Now()
		a.SetReadDeadline(start.Add(time.Hour))
		a.SetReadDeadline(start.Add(time.Second))
		_, err := a.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
			t.Fatalf("Read after %v: %v", time.Since(start), err)
		}
		a.SetReadDeadline(time.Time{})
		b.Write([]byte("x"))
		if _, err := a.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCutAfterWritesDeliversWhatCameBefore(t *testing.T) {
	t.Parallel()
	a, b := memnet.Pipe(0)
	a.CutAfterWrites(3)
	if n, err := a.Write([]byte("12345")); n != 3 || !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("Write = %d, %v", n, err)
	}
	got, err := io.ReadAll(b)
	if string(got) != "123" || !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("ReadAll = %q, %v", got, err)
	}
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("Read at the cutting end: %v", err)
	}
}

func TestFreezeIsNotNoticed(t *testing.T) {
	t.Parallel()
	a, b := memnet.Pipe(4)
	a.Freeze()
	if n, err := a.Write([]byte("123456")); n != 6 || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	a.Close()
	b.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read: %v", err)
	}
}

func TestStallHoldsBackUntilResume(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe(0)
		defer a.Close()
		defer b.Close()
		a.Stall()
		a.Write([]byte("x"))
		b.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Read while stalled: %v", err)
		}
		b.SetReadDeadline(time.Time{})
		a.Resume()
		if _, err := b.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestThrottleLimitsBothDirectionsToARate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe(0)
		a.Throttle(1000)
		for _, ends := range [][2]*memnet.Conn{{a, b}, {b, a}} {
			start := time.Now()
			go ends[0].Write(make([]byte, 10_000))
			if _, err := io.ReadFull(ends[1], make([]byte, 10_000)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took < 9900*time.Millisecond || took > 10*time.Second {
				t.Errorf("10,000 bytes took %v at 1,000 a second", took)
			}
		}
		a.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := a.Write(make([]byte, 10_000)); !errors.Is(err, os.ErrDeadlineExceeded) || n > 1010 {
			t.Errorf("%d bytes within a second, %v", n, err)
		}
		a.Cut()
	})
}

func TestListenerConnectsDialWithAccept(t *testing.T) {
	t.Parallel()
	l := memnet.Listen(0)
	done := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = c.Write([]byte("hi"))
			c.Close()
		}
		done <- err
	}()
	c, err := l.Dial(t.Context(), "tcp", "anywhere:1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); string(got) != "hi" || err != nil {
		t.Fatalf("ReadAll = %q, %v", got, err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := l.Dial(t.Context(), "", ""); err == nil {
		t.Fatal("Dial after Close succeeded")
	}
}
