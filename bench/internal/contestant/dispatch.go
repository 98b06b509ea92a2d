package contestant

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
	"github.com/xraph/dispatch/client"
)

// dispatch is this repository's client, used as its documentation shows.
type dispatch struct {
	c       *client.Client
	w       work.Work
	decode  bool // the payload of each event
	payload dwp.Mail
	large   dwp.Mail
	queues  []string
}

func connectDispatch(ctx context.Context, addr string, w work.Work) (Contestant, error) {
	return newDispatch(ctx, addr, w, true)
}

func connectEnvelope(ctx context.Context, addr string, w work.Work) (Contestant, error) {
	if w.Kind != work.Events {
		return nil, ErrUnsupported
	}
	return newDispatch(ctx, addr, w, false)
}

func newDispatch(ctx context.Context, addr string, w work.Work, decode bool) (Contestant, error) {
	c, err := client.DialContext(ctx, addr, client.WithToken("secret"), client.WithFormat(w.Format))
	if err != nil {
		return nil, err
	}
	return &dispatch{
		c: c, w: w, decode: decode,
		payload: dwp.NewMail(w.Size), large: dwp.NewMail(w.LargeSize), queues: queues(w.Callers),
	}, nil
}

func (d *dispatch) Close() error { return d.c.Close() }

func (d *dispatch) Call(ctx context.Context, caller int) error {
	receipt, err := d.c.Enqueue(ctx, dwp.JobName, d.payload, client.WithQueue(d.queues[caller]), client.WithPriority(dwp.Priority))
	if err != nil {
		return err
	}
	return checkQueue(receipt.Queue, d.queues[caller])
}

func (d *dispatch) Large(ctx context.Context) error {
	_, err := d.c.Enqueue(ctx, dwp.JobName, d.large, client.WithQueue("large"))
	return err
}

func (d *dispatch) Events(ctx context.Context) error {
	if d.w.Subscriptions == 1 {
		return d.follow(ctx, client.ChannelFirehose)
	}
	errs := make([]error, d.w.Subscriptions)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = d.follow(ctx, dwp.Topic(i)) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// follow takes the subscription's share of the events; beside other work, events until ctx ends.
func (d *dispatch) follow(ctx context.Context, channel string) error {
	share := d.w.Events / d.w.Subscriptions
	// The server sends as fast as it can and heeds no credits, so there has to be room for what it
	// is ahead.
	sub, err := d.c.Subscribe(ctx, channel, client.WithBuffer(max(share, 1<<16), 1<<30))
	if err != nil {
		return err
	}
	for n := 0; d.w.Kind == work.Open || n < share; n++ {
		event, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		if event.Type != client.EventJobCompleted || event.Topic == "" {
			return fmt.Errorf("event %d is %s of %q: %s", n, event.Type, event.Topic, event.Data)
		}
		if !d.decode {
			continue
		}
		if p, ok := event.Payload().(*client.JobEvent); !ok || p.JobID == "" {
			return fmt.Errorf("the payload of event %d is %+v", n, event.Payload())
		}
	}
	return nil
}
