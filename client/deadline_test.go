package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

var errCause = errors.New("the caller's cause")

// dialFails is a dial function whose calls fail after so many that succeed, with the latest error
// that was set.
type dialFails struct {
	p *peer

	mu   sync.Mutex
	good int
	err  error
}

func (d *dialFails) set(good int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.good, d.err = good, err
}

func (d *dialFails) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d.mu.Lock()
	good, err := d.good, d.err
	d.good--
	d.mu.Unlock()
	if good <= 0 {
		return nil, err
	}
	return d.p.l.Dial(ctx, network, addr)
}

// wantEnded checks that an error of a call says that its ctx has ended, with the cause, and for
// what it waited.
func wantEnded(t *testing.T, err, ended error, texts ...string) {
	t.Helper()
	if !errors.Is(err, ended) || !errors.Is(err, errCause) {
		t.Errorf("%v: is %v: %v; is the cause: %v", err, ended, errors.Is(err, ended), errors.Is(err, errCause))
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
	if strings.Count(err.Error(), "dispatch: ") != 1 || !strings.HasPrefix(err.Error(), "dispatch: ") {
		t.Errorf("%q does not carry one prefix", err)
	}
}

func TestCallThatWaitsForASessionSaysWhyThereIsNone(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		d := &dialFails{p: p, good: 1, err: errTest}
		c := p.dial(format, client.WithDialContext(d.dial), every(time.Second))
		p.conn(1).Cut()
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
		defer cancel()
		err := inv.call(ctx, c)
		wantUnwritten(t, err, context.DeadlineExceeded)
		wantEnded(t, err, context.DeadlineExceeded, inv.method, "waiting for a session", errTest.Error())
		if !errors.Is(err, errTest) {
			t.Errorf("%v does not wrap the last attempt's error", err)
		}
		_, err = c.Subscribe(ctx, "jobs")
		wantEnded(t, err, context.DeadlineExceeded, "subscribe")
		wantEnded(t, c.Ready(ctx), context.DeadlineExceeded, "waiting for a session", errTest.Error())
	})
}

func TestConnectErrorIsNotTakenForTheServersAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		fail func(p *peer)
		is   error // matched by the error of an attempt, and not by that of a call
	}{
		"the upgrade": {func(p *peer) { answerHTTP(p, 2, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n") }, client.ErrNotFound},
		"the authentication": {func(p *peer) {
			p.auth = func(c *peerConn, fr *wire.Frame) {
				if c.n == 1 {
					c.welcome(fr)
					return
				}
				c.refuse(fr, int(client.CodeInternal), "not now")
			}
		}, client.ErrInternal},
		"no answer": {func(p *peer) { p.admit = func(c *peerConn) bool { return c.n == 1 || c.isStuck() } }, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				test.fail(p)
				c := p.dial(format, every(time.Second), client.WithConnectTimeout(2*time.Second))
				p.conn(1).Cut()
				var attempt error
				for tr := range c.Transitions(t.Context()) {
					if tr.To == client.StateBackingOff && tr.Attempt == 2 {
						attempt = tr.Cause
						break
					}
				}
				if !errors.Is(attempt, test.is) {
					t.Fatalf("the attempt failed with %v", attempt)
				}
				for name, f := range map[string]func(ctx context.Context) error{
					"GetJob":    func(ctx context.Context) error { _, err := c.GetJob(ctx, "1"); return err },
					"Subscribe": func(ctx context.Context) error { _, err := c.Subscribe(ctx, "jobs"); return err },
					"Ready":     func(ctx context.Context) error { return c.Ready(ctx) },
				} {
					ctx, cancel := context.WithCancelCause(t.Context())
					time.AfterFunc(10*time.Second, func() { cancel(errCause) })
					err := f(ctx)
					var refused *client.Error
					if !errors.Is(err, context.Canceled) || errors.Is(err, test.is) || errors.As(err, &refused) {
						t.Errorf("%s: %v", name, err)
					}
					var status *client.StatusError
					if test.is == client.ErrNotFound && !errors.As(err, &status) {
						t.Errorf("%v has lost the attempt's error", err)
					}
				}
			})
		})
	}
}

// isStuck waits until the client has gone, and is false.
func (c *peerConn) isStuck() bool {
	io.Copy(io.Discard, c)
	return false
}

func TestSubscribeThatWaitsForASessionSaysWhyThereIsNone(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		d := &dialFails{p: p, good: 1, err: errTest}
		c := p.dial(format, client.WithDialContext(d.dial), every(time.Second))
		p.conn(1).Cut()
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
		defer cancel()
		_, err := c.Subscribe(ctx, "jobs")
		wantEnded(t, err, context.DeadlineExceeded, "subscribe", "waiting for the confirmation", errTest.Error())
		if !errors.Is(err, errTest) {
			t.Errorf("%v does not wrap the last attempt's error", err)
		}
	})
}

func TestCallThatWaitsForALaneSaysWhyThereIsNone(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, _ := startHeld(p)
		d := &dialFails{p: p, good: 1, err: errTest}
		c := p.dial(format, client.WithDialContext(d.dial), client.WithLanes(2))
		start := func() error {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
			defer cancel()
			_, err := c.StartWorkflow(ctx, "w", nil)
			return err
		}
		err := start()
		wantUnwritten(t, err, context.DeadlineExceeded)
		wantEnded(t, err, context.DeadlineExceeded, "workflow.start", "waiting for a lane", errTest.Error())
		if !errors.Is(err, errTest) {
			t.Errorf("%v does not wrap the last attempt's error", err)
		}

		d.set(2, nil)
		var done sync.WaitGroup
		for range 2 {
			done.Go(func() { c.StartWorkflow(t.Context(), "w", nil) })
		}
		synctest.Wait()
		err = start()
		wantUnwritten(t, err, context.DeadlineExceeded)
		wantEnded(t, err, context.DeadlineExceeded, "workflow.start", "waiting for a lane", "all 2 are taken", "WithLanes")
		close(release)
		done.Wait()
	})
}

func TestCallThatWaitsForItsAnswerSaysSo(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		p.handle = silent
		c := p.dial(format)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errCause) })
		err := inv.call(ctx, c)
		wantUnknown(t, inv, err, context.Canceled)
		wantEnded(t, err, context.Canceled, inv.method, "waiting for the answer")
		err = inv.call(ctx, c)
		wantUnwritten(t, err, context.Canceled)
		wantEnded(t, err, context.Canceled, inv.method)
	})
}

func TestCausesOfContextsAreKept(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "running")
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		over, cancel := context.WithCancelCause(t.Context())
		cancel(errCause)
		for name, f := range map[string]func(ctx context.Context) error{
			"Subscribe":     func(ctx context.Context) error { _, err := c.Subscribe(ctx, "jobs"); return err },
			"Next":          func(ctx context.Context) error { _, err := sub.Next(ctx); return err },
			"Watch":         func(ctx context.Context) error { _, err := c.Watch(ctx, "1"); return err },
			"AwaitJob":      func(ctx context.Context) error { _, err := c.AwaitJob(ctx, "1"); return err },
			"AwaitWorkflow": func(ctx context.Context) error { _, err := c.AwaitWorkflow(ctx, "1"); return err },
			"DialContext":   func(ctx context.Context) error { _, err := p.tryDial(ctx, format); return err },
		} {
			if err := f(over); !errors.Is(err, context.Canceled) || !errors.Is(err, errCause) {
				t.Errorf("%s with a ctx that has ended: %v", name, err)
			}
			if name == "DialContext" || name == "Subscribe" || name == "Watch" {
				continue
			}
			later, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
			if err := f(later); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errCause) {
				t.Errorf("%s with a ctx that ends: %v", name, err)
			}
			cancel()
		}
	})
}

func TestAttemptThatTakesTooLongNamesItsOption(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.auth = silent
		_, err := p.tryDial(t.Context(), format, client.WithConnectTimeout(7*time.Second))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "7s") || !strings.Contains(err.Error(), "WithConnectTimeout") {
			t.Error(err)
		}
	})
}

// warnings is a log handler that keeps the records at Warn.
type warnings struct {
	slog.Handler
	mu    sync.Mutex
	texts []string
}

func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	if r.Level != slog.LevelWarn {
		return nil
	}
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			text += ": " + a.Value.String()
		}
		return true
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
	return nil
}

// take returns the records since the last time.
func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	texts := w.texts
	w.texts = nil
	return texts
}

func TestFailedAttemptsAreLoggedOnceForEachCause(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		d := &dialFails{p: p, good: 1, err: errTest}
		w := &warnings{Handler: slog.DiscardHandler.WithGroup("")}
		c := p.dial(format, client.WithDialContext(d.dial), every(time.Second), client.WithLogger(slog.New(enabled{w})))
		attempt := func(err error) string {
			return fmt.Sprintf("dispatch: attempt failed: dispatch: dial peer.test: %v", err)
		}
		want := func(texts ...string) {
			t.Helper()
			if diff := cmp.Diff(texts, w.take()); diff != "" {
				t.Error(diff)
			}
		}
		port := func(n int) error { return fmt.Errorf("read from 127.0.0.1:%d: reset", n) }
		for range 2 { // an outage after another
			p.conn(p.count()).Cut()
			time.Sleep(time.Minute)
			want(attempt(errTest))
			d.set(0, port(1000))
			time.Sleep(10 * time.Second)
			d.set(0, port(2000)) // the same cause
			time.Sleep(10 * time.Second)
			want(attempt(port(1000)))
			d.set(1, errTest)
			if err := c.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // so for lanes
			for range 2 {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				if _, err := c.StartWorkflow(ctx, "w", nil); err == nil {
					t.Fatal("a lane was dialled")
				}
				cancel()
			}
			want("dispatch: lane not opened: dispatch: dial peer.test: " + errTest.Error())
			d.set(1, errTest)
			if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute) // the lane is closed
		}
	})
}

// enabled has a handler get every record.
type enabled struct{ slog.Handler }

func (enabled) Enabled(context.Context, slog.Level) bool { return true }
