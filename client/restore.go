package client

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// restoration counts the channels of a new session whose first answer is missing.
type restoration struct {
	left int
	done chan struct{} // closed after the last answer
}

func (n *restoration) answered() {
	if n == nil {
		return
	}
	if n.left--; n.left == 0 {
		close(n.done)
	}
}

// request asks the server to subscribe to a channel. Without a session it does nothing: the next
// restoration makes the request. If the request cannot be queued, the channel's subscriptions end
// with that error.
func (r *registry) request(ch *channel, n *restoration) error {
	s := r.session
	if s == nil {
		return nil
	}
	r.requests++
	number := r.requests
	x := &exchange{kind: kindOwn, onReply: func(rep reply) { r.answer(s, ch, number, n, rep) }}
	data, err := (&wire.SubscribeRequest{Channel: ch.name}).AppendJSON(nil)
	if err == nil {
		err = s.send(x, &wire.Frame{Type: wire.TypeRequest, Method: methodSubscribe.name, Data: data})
	}
	switch {
	case err == nil:
		ch.asking.sent(s, x, number)
		r.schedule(ch.asking.due)
		return nil
	case errors.Is(err, errOver):
		return nil
	}
	n.answered()
	r.dropAll(ch, err)
	return err
}

// answer handles the server's answer to a request for a channel. It ignores an answer for a channel
// or a session that has been replaced. If the request was lost with its session, the next
// restoration repeats it.
func (r *registry) answer(s *session, ch *channel, number uint64, n *restoration, rep reply) {
	if rep.cause != nil {
		return
	}
	err := confirmation(rep)
	r.mu.Lock()
	defer r.mu.Unlock()
	n.answered()
	if r.session != s {
		return
	}
	now := time.Now()
	if number > r.answered {
		r.answered, r.answeredAt = number, now
	}
	if r.channels[ch.name] != ch {
		return
	}
	switch {
	case err == nil:
		ch.live = true
		for _, sub := range ch.subs {
			sub.confirm.Do(func() { close(sub.confirmed) })
			sub.closeGap(GapReconnect, now)
		}
	case ch.live: // another request for it was granted, and remains valid
	case isRefusedForGood(err):
		r.log("dispatch: channel refused", ch, err)
		r.dropAll(ch, err)
		r.unsubscribeIfUnsure(ch)
	case number == ch.asking.latest:
		r.refused(ch, err)
		r.unsubscribeIfUnsure(ch)
	}
}

// unsubscribeIfUnsure unsubscribes from a refused channel without subscriptions, if an earlier
// request got no answer: the server may have granted that one.
func (r *registry) unsubscribeIfUnsure(ch *channel) {
	if len(ch.subs) == 0 && ch.asking.unsure {
		r.renounce(ch.name)
	}
}

// refused handles a refusal that may be temporary. A subscription that was never confirmed gets the
// error. For the others the channel is requested again.
func (r *registry) refused(ch *channel, err error) {
	for _, sub := range slices.Clone(ch.subs) {
		if !sub.isConfirmed() {
			r.drop(sub, err)
		}
	}
	if len(ch.subs) > 0 {
		r.warn(ch, err)
		r.postpone(ch)
	}
}

// isRefusedForGood reports whether an error is a refusal that another request would not change.
func isRefusedForGood(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && isDefinite(refused.Code)
}

var errUnanswered = errors.New("no answer")

// confirmation returns nil if a reply confirms a subscription.
func confirmation(rep reply) error {
	o := outcome{reply: rep, written: true}
	if err := o.verdict(&methodSubscribe); err != nil {
		return err
	}
	var result wire.SubscribeResult
	if err := result.UnmarshalJSON(rep.data); err != nil {
		return &ReplyError{Method: methodSubscribe.name, Err: err, safe: true}
	}
	return nil
}

// restore makes s the session for requests, and requests all channels in the order in which they
// were created. The returned channel is closed when each has been answered once.
func (r *registry) restore(s *session) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.session, r.warned = s, false
	channels := slices.SortedFunc(maps.Values(r.channels), func(a, b *channel) int { return cmp.Compare(a.made, b.made) })
	n := &restoration{left: len(channels), done: make(chan struct{})}
	if n.left == 0 {
		close(n.done)
	}
	for _, ch := range channels {
		_ = r.request(ch, n)
	}
	return n.done
}

// sessionLost handles the end of a session. Each subscription that was confirmed or has queued
// events gets a gap that begins when bytes last arrived.
func (r *registry) sessionLost(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session != s {
		return
	}
	r.session, r.outOfCredits = nil, false
	now := time.Now()
	from := now.Add(-s.in.silence())
	for _, ch := range r.channels {
		ch.live, ch.asking = false, asking{}
		for _, sub := range ch.subs {
			sub.queue.closeGap(GapCredits, now)
			if sub.isConfirmed() || sub.queue.left() > 0 {
				sub.queue.openGap(GapReconnect, from)
			}
		}
	}
}
