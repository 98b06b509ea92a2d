package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// registry is the subscriptions that users want, and what the present session's server knows of them.
//
// A request to subscribe or unsubscribe is put into the session's outbox under the registry's lock, so the server gets
// them in the order in which the registry changed. Everything here is short: nothing waits for the network or a user.
type registry struct {
	c *Client

	mu       sync.Mutex
	session  *session // which requests go to; nil between sessions
	subs     map[string]*Subscription
	channels map[string]*channel
	routes   routes
	made     uint64 // numbers subscriptions and channels
	over     bool
}

// channel is what subscriptions to one server channel share.
type channel struct {
	name string
	made uint64
	subs []*Subscription
	live bool // confirmed on the present session
}

func (r *registry) init(c *Client) {
	r.c = c
	r.subs = make(map[string]*Subscription)
	r.channels = make(map[string]*channel)
	r.routes = newRoutes()
}

// add makes the local route of a subscription and has the server told if it does not know the channel.
func (r *registry) add(sub *Subscription) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return r.c.endOfSubscribe()
	}
	if limit := r.c.cfg.maxSubscriptions; len(r.subs) >= limit {
		return &LimitError{Limit: "subscriptions", Option: "WithMaxSubscriptions", Max: limit, kind: ErrTooManySubscriptions}
	}
	r.made++
	sub.ID = "sub-" + strconv.FormatUint(r.made, 10)
	r.subs[sub.ID] = sub
	r.routes.add(sub)
	ch := r.channels[sub.route.server]
	if ch == nil {
		ch = &channel{name: sub.route.server, made: r.made}
		r.channels[ch.name] = ch
		ch.subs = append(ch.subs, sub)
		return r.request(ch, nil)
	}
	ch.subs = append(ch.subs, sub)
	if ch.live {
		sub.confirm.Do(func() { close(sub.confirmed) })
	}
	return nil
}

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
	data, err := json.Marshal(wire.SubscribeRequest{Channel: ch.name})
	if err == nil {
		x := &exchange{kind: kindOwn, settle: func(rep reply) { r.answered(s, ch, n, rep) }}
		err = s.send(x, &wire.Frame{Type: wire.TypeRequest, Method: methodSubscribe.name, Data: data})
	}
	if err == nil || errors.Is(err, errOver) {
		return nil
	}
	n.note()
	for _, sub := range ch.subs {
		r.drop(sub, err)
	}
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
		r.c.cfg.logger.Warn("dispatch: channel refused", "channel", ch.name, "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n.note()
	if r.session != s || r.channels[ch.name] != ch {
		return
	}
	if err != nil {
		for _, sub := range ch.subs {
			r.drop(sub, err)
		}
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
	if err := json.Unmarshal(rep.data, &result); err != nil {
		return &ReplyError{Method: methodSubscribe.name, Err: err, safe: true}
	}
	return nil
}

// remove ends a subscription, for a cause unless in order, and has the server told if it was its channel's last.
func (r *registry) remove(sub *Subscription, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.release(sub, cause)
}

// removeID ends the subscription with this ID. It returns where the server's word will come, nil if there is none to wait for.
func (r *registry) removeID(id string) <-chan error {
	r.mu.Lock()
	defer r.mu.Unlock()
	sub := r.subs[id]
	if sub == nil {
		return nil
	}
	return r.release(sub, nil)
}

// release is drop, and the server's being told if it was the channel's last.
func (r *registry) release(sub *Subscription, cause error) <-chan error {
	if r.subs[sub.ID] != sub {
		return nil
	}
	r.drop(sub, cause)
	if r.session == nil || r.channels[sub.route.server] != nil {
		return nil
	}
	data, err := json.Marshal(wire.UnsubscribeRequest{Channel: sub.route.server})
	if err != nil {
		return nil
	}
	answer := make(chan error, 1)
	x := &exchange{kind: kindOwn, settle: func(rep reply) {
		o := outcome{reply: rep}
		if rep.lost != nil {
			answer <- nil // gone with the connection
			return
		}
		answer <- o.verdict(&methodUnsubscribe)
	}}
	if err := r.session.send(x, &wire.Frame{Type: wire.TypeRequest, Method: methodUnsubscribe.name, Data: data}); err != nil {
		return nil
	}
	return answer
}

// drop ends a subscription here.
func (r *registry) drop(sub *Subscription, cause error) {
	delete(r.subs, sub.ID)
	r.routes.remove(sub)
	ch := r.channels[sub.route.server]
	if ch.subs = without(ch.subs, sub); len(ch.subs) == 0 {
		delete(r.channels, ch.name)
	}
	sub.finish(cause)
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
	r.session = nil
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

// route takes an event to every subscription that it matches. It is called by the session's reader.
func (r *registry) route(fr *wire.Frame) {
	ev, at := eventOf(fr), time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	matched := false
	r.routes.each(&ev, func(sub *Subscription) {
		matched = true
		r.deliver(sub, ev, at)
	})
	if !matched {
		r.c.vitals.unexpected.Add(1)
	}
}

// deliver queues an event for a subscription, its own copy, and ends the subscription if that was the last it wanted or
// one too many.
func (r *registry) deliver(sub *Subscription, ev Event, at time.Time) {
	last := sub.until != nil && sub.until(&ev)
	dropped, err := sub.queue.push(&ev, at, last)
	r.c.vitals.dropped.Add(uint64(dropped))
	switch {
	case err != nil:
		r.release(sub, err)
	case last:
		r.release(sub, nil)
	}
}

// conclude delivers a last event that the client has made, unless the subscription has ended meanwhile, and ends it.
func (r *registry) conclude(sub *Subscription, ev *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.subs[sub.ID] != sub {
		return
	}
	sub.queue.push(ev, time.Now(), true)
	r.release(sub, nil)
}

// creditsSpent tells every subscription that the server may be losing events.
func (r *registry) creditsSpent(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sub := range r.subs {
		sub.queue.open(GapCredits, at)
	}
}

// creditsBack tells every subscription that the server has credits again.
func (r *registry) creditsBack(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sub := range r.subs {
		sub.settle(GapCredits, at)
	}
}

// close ends every subscription, for a cause unless in order.
func (r *registry) close(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over, r.session = true, nil
	for _, sub := range r.subs {
		sub.finish(cause)
	}
	clear(r.subs)
	clear(r.channels)
	r.routes = newRoutes()
}

// drain ends every subscription in order and accepts no more. It returns them, and where the server's word about their channels will come.
func (r *registry) drain() (subs []*Subscription, answers []<-chan error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	for _, sub := range r.subs {
		subs = append(subs, sub)
		if answer := r.release(sub, nil); answer != nil {
			answers = append(answers, answer)
		}
	}
	return subs, answers
}
