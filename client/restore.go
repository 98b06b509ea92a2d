package client

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// restoration is the first answers that are still to come on a session.
type restoration struct {
	left int
	done chan struct{} // closed after the last
}

func (n *restoration) answered() {
	if n == nil {
		return
	}
	if n.left--; n.left == 0 {
		close(n.done)
	}
}

// request asks the server for a channel, if there is a session; else the next restoration will. A
// request that cannot be put ends the channel's subscriptions with the reason.
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

// answer takes the server's word on a request for a channel, unless the channel or the session is
// not what it was. A loss is for the next restoration to repair.
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
	case ch.live: // another request for it was granted, and that stays so
	case isRefusedForGood(err):
		r.log("dispatch: channel refused", ch, err)
		r.dropAll(ch, err)
		r.unsubscribeIfUnsure(ch)
	case number == ch.asking.latest:
		r.refused(ch, err)
		r.unsubscribeIfUnsure(ch)
	}
}

// unsubscribeIfUnsure tells the server that a channel which was refused is not wanted any more, if
// nobody does and an earlier request for it, which got no answer, may have been granted.
func (r *registry) unsubscribeIfUnsure(ch *channel) {
	if len(ch.subs) == 0 && ch.asking.unsure {
		r.renounce(ch.name)
	}
}

// refused goes on after a refusal that may pass: who waits in Subscribe gets it, and for the others
// the channel is asked for again.
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

// isRefusedForGood reports whether an answer says that a channel is not to be had, rather than not
// now.
func isRefusedForGood(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && isDefinite(refused.Code)
}

var errUnanswered = errors.New("no answer")

// confirmation is nil if a reply says that a channel is subscribed to.
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

// restore makes a session the one that requests go to, and asks its server for every channel, in
// the order in which they were made. The returned channel is closed when each has been answered
// once.
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

// sessionLost takes note that a session is over: every subscription has a gap from its last sign of
// life on.
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
