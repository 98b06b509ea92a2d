package client_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
)

// A session ends because a message exceeded a limit, and the attempt to replace it hangs.
func TestLimitThatEndedASessionIsNotAnErrorOfWaitingCalls(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		var dials atomic.Int64
		c := p.dial(format, client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials.Add(1) == 2 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return p.l.Dial(ctx, network, addr)
		}))
		var awaits []<-chan end
		for _, fo := range followings {
			awaits = append(awaits, fo.start(t.Context(), c))
		}
		time.Sleep(time.Second)
		l.set("completed")
		p.conn(1).onlyHeader(ws.Header{Fin: true, OpCode: ws.OpText, Length: 1 << 40})
		synctest.Wait()
		for name, f := range map[string]func(context.Context) error{
			"GetJob":    func(ctx context.Context) error { return getJob(ctx, c) },
			"Subscribe": func(ctx context.Context) error { _, err := c.Subscribe(ctx, "jobs"); return err },
			"Ready":     c.Ready,
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := f(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrTooLarge) || as[*client.LimitError](err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for i, await := range awaits {
			if e := within(t, time.Minute, await); e.err != nil {
				t.Errorf("%s: %v", followings[i].name, e.err)
			}
		}
	})
}

// strange is an error that cannot be compared.
type strange []string

func (s strange) Error() string { return s[0] }

// strangeCtx has ended with an error that cannot be compared.
type strangeCtx struct{ context.Context }

func (strangeCtx) Err() error { return strange{"strange"} }
func (strangeCtx) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func TestCtxOfAnotherKindEndsCallsWithItsError(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		for name, f := range map[string]func(context.Context) error{
			"GetJob":   func(ctx context.Context) error { return getJob(ctx, c) },
			"Next":     func(ctx context.Context) error { _, err := sub.Next(ctx); return err },
			"AwaitJob": func(ctx context.Context) error { _, err := c.AwaitJob(ctx, "j"); return err },
		} {
			// which has no cause, or one of its own
			for _, parent := range []context.Context{context.Background(), t.Context()} {
				err := f(strangeCtx{parent})
				if found, ok := errors.AsType[strange](err); !ok || found.Error() != "strange" {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}
