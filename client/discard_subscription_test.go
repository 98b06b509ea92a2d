package client_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

func TestDiscardGivesUpWhatIsQueuedAndEndsTheSubscription(t *testing.T) {
	for name, before := range map[string]func(*client.Subscription){
		"alive":            func(*client.Subscription) {},
		"closed before":    func(s *client.Subscription) { s.Close() },
		"discarded before": func(s *client.Subscription) { s.Discard() },
		"Events abandoned": func(s *client.Subscription) { s.Events() },
		"closed and Events abandoned": func(s *client.Subscription) {
			s.Events()
			s.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				c := p.dial(format)
				sub := subscribe(t, c, "jobs")
				p.conn(1).numbered(1, 3)
				synctest.Wait()
				before(sub)
				synctest.Wait()
				sub.Discard()
				synctest.Wait()
				if _, err := sub.Next(t.Context()); err != io.EOF || sub.Err() != nil {
					t.Errorf("Next: %v, Err: %v", err, sub.Err())
				}
				if ev, open := <-sub.Events(); open {
					t.Errorf("Events delivers %s", ev.Data)
				}
				if diff := cmp.Diff([]string{"subscribe", "unsubscribe"}, p.seen()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestDiscardEndsTheConsumerThatWaits(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		sub := subscribe(t, p.dial(format), "jobs")
		pulled := errs(func() error { _, err := sub.Next(t.Context()); return err })
		synctest.Wait()
		sub.Discard()
		if err := <-pulled; err != io.EOF {
			t.Error(err)
		}
	})
}

func TestDiscardEndsWatch(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub, err := c.Watch(t.Context(), "1")
		if err != nil {
			t.Fatal(err)
		}
		sub.Discard()
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string{"subscribe", "workflow.get", "unsubscribe"}, p.seen()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDiscardAfterTheClientsEndGivesUpWhatIsQueued(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		c.Close()
		sub.Discard()
		if _, err := sub.Next(t.Context()); err != io.EOF {
			t.Error(err)
		}
	})
}

func TestEndingASubscriptionTwiceKeepsWhatIsQueued(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		for _, consume := range []func(*client.Subscription) []*client.Event{
			func(sub *client.Subscription) []*client.Event { return whole(t, sub) },
			func(sub *client.Subscription) []*client.Event { return slices.Collect(received(sub.Events())) },
		} {
			sub := subscribe(t, c, "jobs")
			p.conn(1).numbered(1, 3)
			synctest.Wait()
			for range 2 {
				sub.Close()
				if err := c.Unsubscribe(t.Context(), sub.ID); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff([]string{"1", "2", "3"}, story(t, consume(sub))); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// received is what is received from a channel until it is closed.
func received(events <-chan *client.Event) func(yield func(*client.Event) bool) {
	return func(yield func(*client.Event) bool) {
		for ev := range events {
			if !yield(ev) {
				return
			}
		}
	}
}

func TestDrainCountsAnAbandonedQueueUnlessItIsDiscarded(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, discard := range []bool{false, true} {
			p := newPeer(t)
			c := p.dial(format)
			sub := subscribe(t, c, "jobs")
			p.conn(1).numbered(1, 3)
			sub.Events() // which holds one of them
			synctest.Wait()
			sub.Close()
			if discard {
				time.AfterFunc(time.Second, sub.Discard)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			start := time.Now()
			err := c.Drain(ctx)
			cancel()
			var left *client.DrainError
			switch {
			case discard && (err != nil || time.Since(start) != time.Second):
				t.Errorf("discarded: %v after %v", err, time.Since(start))
			case !discard && (!errors.As(err, &left) || left.Events != 3):
				t.Errorf("abandoned: %v, want 3 events left", err)
			}
		}
	})
}

func TestEventsOfAClosedClientIsAClosedChannel(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		c.Close()
		for range 2 {
			if n := len(slices.Collect(received(sub.Events()))); n != 0 {
				t.Errorf("%d events", n)
			}
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, story(t, whole(t, sub))); diff != "" {
			t.Error(diff)
		}
	})
}
