package client_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestErrorsOfWhatSubscribesAreSafeToRetry(t *testing.T) {
	for name, tc := range map[string]struct {
		says, garbled string // whose error it is
		follow        func(context.Context, *client.Client) error
	}{
		"Subscribe": {"subscribe", "subscribe", func(ctx context.Context, c *client.Client) error {
			_, err := c.Subscribe(ctx, "jobs")
			return err
		}},
		"Watch": {"subscribe", "subscribe", func(ctx context.Context, c *client.Client) error {
			_, err := c.Watch(ctx, "wfrun_1")
			return err
		}},
		"AwaitJob": {"await job job_1", "job.get", func(ctx context.Context, c *client.Client) error {
			_, err := c.AwaitJob(ctx, "job_1")
			return err
		}},
		"AwaitWorkflow": {"await workflow wfrun_1", "workflow.get", func(ctx context.Context, c *client.Client) error {
			_, err := c.AwaitWorkflow(ctx, "wfrun_1")
			return err
		}},
	} {
		follow := tc.follow
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				var garble atomic.Bool
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if garble.Load() {
						c.reply(fr, 7)
					}
				}
				c := p.dial(format)
				check := func(when string, err, want error) {
					t.Helper()
					if !errors.Is(err, want) || !client.SafeToRetry(err) || !strings.HasPrefix(err.Error(), "dispatch: "+tc.says+": ") {
						t.Errorf("%s: SafeToRetry %v: %v", when, client.SafeToRetry(err), err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				check("unanswered", follow(ctx, c), context.DeadlineExceeded)
				check("ended before", follow(ctx, c), context.DeadlineExceeded)

				garble.Store(true)
				err := follow(t.Context(), c)
				var garbled *client.ReplyError
				if !errors.As(err, &garbled) || strings.Count(err.Error(), tc.garbled+":") != 1 {
					t.Errorf("garbled: %v", err)
				}
				garble.Store(false)

				done := errs(func() error { return follow(t.Context(), c) })
				synctest.Wait()
				c.Close()
				check("closed meanwhile", <-done, client.ErrClosed)
				check("closed before", follow(t.Context(), c), client.ErrClosed)
			})
		})
	}
}

// errs runs f on a goroutine of its own.
func errs(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}
