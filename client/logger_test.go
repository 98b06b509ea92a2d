package client_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// stuck is a log handler that blocks until it is released.
type stuck struct {
	slog.Handler
	records *atomic.Int64
	release chan struct{}
}

func (s stuck) Enabled(context.Context, slog.Level) bool { return true }

func (s stuck) Handle(_ context.Context, r slog.Record) error {
	if r.Level == slog.LevelWarn {
		s.records.Add(1)
		<-s.release
	}
	return nil
}

func TestLogHandlerThatBlocksDoesNotBlockTheReader(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if field(fr, "channel") == "bad" {
				c.refuse(fr, 400, "no")
				return
			}
			c.polite(fr)
		}
		log := stuck{slog.DiscardHandler, new(atomic.Int64), make(chan struct{})}
		c := p.dial(format, client.WithLogger(slog.New(log)))
		if _, err := c.Subscribe(t.Context(), "bad"); err == nil {
			t.Error("not refused")
		}
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait() // the handler has a goroutine of its own, which may not have run yet
		if log.records.Load() != 1 {
			t.Errorf("%d warnings", log.records.Load())
		}
		close(log.release)
	})
}
