package contestant

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// natsClient makes the calls by request and reply, and takes the events from one subscription. It
// decodes both.
type natsClient struct {
	document
	nc *nats.Conn
	w  work.Work
}

func connectNATS(_ context.Context, addr string, w work.Work) (Contestant, error) {
	if w.Format != dwp.JSON || w.Subscriptions > 1 {
		return nil, ErrUnsupported
	}
	nc, err := nats.Connect(addr)
	if err != nil {
		return nil, err
	}
	return &natsClient{newDocument(w), nc, w}, nil
}

func (c *natsClient) Close() error {
	c.nc.Close()
	return nil
}

func (c *natsClient) Call(ctx context.Context, caller int) error {
	return c.call(caller, func(request []byte) ([]byte, error) {
		m, err := c.nc.RequestWithContext(ctx, "job.enqueue", request)
		if err != nil {
			return nil, err
		}
		return m.Data, nil
	})
}

func (c *natsClient) Events(ctx context.Context) error {
	done, n := make(chan error, 1), 0
	sub, err := c.nc.Subscribe("events", func(m *nats.Msg) {
		var f struct {
			dwp.Frame
			Data dwp.Event `json:"data"`
		}
		if err := json.Unmarshal(m.Data, &f); err != nil || f.Data.Data.JobID == "" {
			select {
			case done <- fmt.Errorf("event %d is %q: %w", n, m.Data, err):
			default:
			}
		}
		if n++; n == c.w.Events {
			done <- nil
		}
	})
	if err != nil {
		return err
	}
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return err
	}
	if err := c.nc.Publish("start", nil); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
