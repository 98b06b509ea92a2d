package client

import (
	"context"
	"io"
	"iter"
)

// Next returns the next event, waiting for it until ctx ends, when it returns ctx's error and loses
// no event. After the end of the subscription it returns what is queued, and then io.EOF, or the
// cause if it did not end in order: an [*Error] with which the server refused it, [ErrOverflow], or
// what closed the client. It is [ErrConcurrentNext] while another consumer waits.
func (s *Subscription) Next(ctx context.Context) (*Event, error) {
	select {
	case s.turn <- struct{}{}:
	default:
		return nil, ErrConcurrentNext
	}
	defer func() { <-s.turn }()
	return s.queue.next(ctx, false)
}

// All returns the events until the subscription's end, ctx's or the consumer's. If it did not end
// in order, the last pair is a nil event and the error that Next would return.
func (s *Subscription) All(ctx context.Context) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for {
			ev, err := s.Next(ctx)
			if err == io.EOF { //nolint:errorlint // a lost connection may be a wrapped io.EOF
				return
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// Events returns a channel of the events, for select. It is closed after the subscription's end,
// when what was queued has been received, and at once when the client closes: what is queued then,
// Next still returns. From the first call of Events on it is the subscription's consumer.
//
// A goroutine feeds the channel. Whoever stops receiving before the channel is closed has to call
// [Subscription.Discard]: until then, or until the client closes, that goroutine and what is queued
// stay, and [Client.Drain] waits for them, also after Close or Unsubscribe.
func (s *Subscription) Events() <-chan *Event {
	s.pump.Do(func() {
		if !s.c.spawn(s.pumpEvents) {
			close(s.events)
		}
	})
	return s.events
}

// pumpEvents is the goroutine behind Events. It keeps its turn until it ends.
func (s *Subscription) pumpEvents() {
	defer close(s.events)
	select {
	case s.turn <- struct{}{}:
	case <-s.c.ctx.Done():
		return
	}
	defer func() { <-s.turn }()
	for {
		ev, err := s.queue.next(s.c.ctx, true)
		if err != nil {
			return
		}
		select {
		case s.events <- ev:
			s.queue.delivered()
		case <-s.queue.emptied:
			return // discarded
		case <-s.c.ctx.Done():
			return // Next will return what is held
		}
	}
}
