package client

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// restoration is the answers that are still to come before a session is ready.
type restoration struct {
	left     int
	progress chan struct{} // holds a token when there is some; closed after the last
}

func (n *restoration) note() {
	if n == nil {
		return
	}
	if n.left--; n.left == 0 {
		close(n.progress)
		return
	}
	select {
	case n.progress <- struct{}{}:
	default:
	}
}

// request asks the server for a channel, if there is a session; else the next restoration will. A request that
// cannot be put ends the channel's subscriptions with the reason.
func (r *registry) request(ch *channel, n *restoration) error {
	s := r.session
	if s == nil {
		return nil
	}
	data, err := (&wire.SubscribeRequest{Channel: ch.name}).AppendJSON(nil)
	if err == nil {
		x := &exchange{kind: kindOwn, settle: func(rep reply) { r.answered(s, ch, n, rep) }}
		err = s.send(x, &wire.Frame{Type: wire.TypeRequest, Method: methodSubscribe.name, Data: data})
	}
	if err == nil || errors.Is(err, errOver) {
		return nil
	}
	n.note()
	r.dropAll(ch, err)
	return err
}

// answered takes the server's word about a channel, unless the channel or the session is not what it was. A loss is for the
// next restoration to repair.
func (r *registry) answered(s *session, ch *channel, n *restoration, rep reply) {
	if rep.lost != nil {
		return
	}
	err := confirmation(rep)
	if err != nil {
		// Not here: the reader waits for nobody, and a log handler is a user's.
		r.c.spawn(func() { r.c.cfg.logger.Warn("dispatch: channel refused", "channel", ch.name, "error", err) })
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n.note()
	if r.session != s || r.channels[ch.name] != ch {
		return
	}
	if err != nil {
		r.dropAll(ch, err)
		return
	}
	ch.live = true
	now := time.Now()
	for _, sub := range ch.subs {
		sub.confirm.Do(func() { close(sub.confirmed) })
		sub.settle(GapReconnect, now)
	}
}

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

// restore makes a session the one that requests go to, and asks its server for every channel, in the order in
// which they were made. The returned channel holds a token when there is progress and is closed when all are answered.
func (r *registry) restore(s *session) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.session = s
	channels := slices.SortedFunc(maps.Values(r.channels), func(a, b *channel) int { return cmp.Compare(a.made, b.made) })
	n := &restoration{left: len(channels), progress: make(chan struct{}, 1)}
	if n.left == 0 {
		close(n.progress)
	}
	for _, ch := range channels {
		r.request(ch, n)
	}
	return n.progress
}

// lose takes note that a session is over: every subscription has a gap from its last sign of life on.
func (r *registry) lose(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session != s {
		return
	}
	r.session, r.starving = nil, false
	now := time.Now()
	from := now.Add(-s.in.silence())
	for _, ch := range r.channels {
		ch.live = false
		for _, sub := range ch.subs {
			sub.queue.settle(GapCredits, now)
			if sub.isConfirmed() || sub.queue.left() > 0 {
				sub.queue.open(GapReconnect, from)
			}
		}
	}
}
