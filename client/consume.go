package client

import (
	"context"
	"io"
	"iter"
)

// Next returns the next event. It blocks until there is one, the subscription has ended or ctx
// ends; then it returns ctx's error, and no event is lost.
//
// After the end of the subscription Next returns the events that are queued, and then [io.EOF], or
// the cause if it was ended by something else than its consumer or [Client.Close]: an [*Error] with
// which the server refused it, [ErrOverflow], or the reason for which the client gave up. While
// another consumer is waiting, the error is [ErrConcurrentNext].
func (s *Subscription) Next(ctx context.Context) (*Event, error) {
	return s.queue.next(ctx)
}

// All returns a sequence of the events, for a range loop. It ends after the subscription has ended,
// and when the loop is left, which loses no event. If Next returns an error other than [io.EOF],
// such as that of ctx, the last pair is a nil event and this error. The loop blocks as
// [Subscription.Next] does.
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

// Events returns a channel of the events, for a select. All calls return the same channel, and the
// first one makes it the subscription's only consumer. It is closed when the subscription has ended
// and all queued events have been received. When the client closes, it is closed at once;
// [Subscription.Next] then returns the events that are left. [Subscription.Err] returns the cause
// of the end.
//
// A goroutine sends to the channel. A consumer that stops receiving before the channel is closed
// has to call [Subscription.Discard]. Without that, the goroutine and the queued events stay until
// the client closes, even after [Subscription.Close], and [Client.Drain] waits for them.
func (s *Subscription) Events() <-chan *Event {
	s.pump.Do(func() {
		if !s.c.spawn(s.pumpEvents) {
			close(s.events)
		}
	})
	return s.events
}

// pumpEvents is the goroutine behind Events. It remains the consumer until it ends.
func (s *Subscription) pumpEvents() {
	defer close(s.events)
	if !s.queue.occupy(s.c.ctx) {
		return
	}
	defer s.queue.vacate()
	for {
		ev, err := s.queue.await(s.c.ctx, true)
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
