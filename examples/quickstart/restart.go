package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// survive restarts the server under a client, whose subscription goes on.
func survive(ctx context.Context, w io.Writer, srv *devserver.Server) error {
	fmt.Fprintln(w, "\nThe server is restarted:")
	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken), client.WithReconnect(true))
	if err != nil {
		return err
	}
	defer c.Close()
	t := &teller{w, c}
	sub, err := c.Subscribe(ctx, client.ChannelJobs)
	if err != nil {
		return err
	}
	if err := t.observe(ctx, sub); err != nil {
		return err
	}

	srv.Restart(false)
	ev, err := sub.Next(ctx)
	if err != nil {
		return err
	}
	gap, ok := ev.Payload().(*client.Gap)
	if !ok || gap.Cause != client.GapReconnect {
		return fmt.Errorf("after the restart came %s, and not a gap", ev.Type)
	}
	t.say("the client has reconnected, and says what may be missing: %s", gap.Cause)

	if err := t.observe(ctx, sub); err != nil {
		return err
	}
	return c.Close()
}

// observe enqueues a job and sees it through by a subscription to all jobs.
func (t *teller) observe(ctx context.Context, sub *client.Subscription) error {
	result, err := t.c.Enqueue(ctx, "send-email", map[string]string{"to": "user@example.com"})
	if err != nil {
		return err
	}
	for ev, err := range sub.All(ctx) {
		if err != nil {
			return err
		}
		p, ok := ev.Payload().(*client.JobEvent)
		if !ok || p.JobID != result.JobID {
			return fmt.Errorf("an event of something else: %s %s", ev.Type, ev.Topic)
		}
		t.say("event of %s: %s", p.JobID, ev.Type)
		if ev.Type == client.EventJobCompleted {
			return nil
		}
	}
	return errors.New("the subscription ended")
}
