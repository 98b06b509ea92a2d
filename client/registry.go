package client

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// registry holds the subscriptions that users want, and what the present session's server knows of
// them.
//
// Requests to subscribe and unsubscribe are put into the session's outbox under the registry's
// lock, so that the server gets them in the order in which the registry changed. All methods are
// short; none waits for the network or for user code.
type registry struct {
	c *Client

	mu           sync.Mutex
	session      *session                 // which requests go to; nil between sessions
	subs         map[string]*Subscription // by key
	channels     channels
	unread       unread
	reading      map[*Subscription]int // of runs: how many loops over Run.Events there are
	search       search
	outOfCredits bool   // the server may have no credits left to send events
	lastNumber   uint64 // numbers subscriptions and channels
	closed       bool

	requests   uint64      // numbers requests for channels
	answered   uint64      // the highest number of one that was answered
	answeredAt time.Time   // when that was
	clock      *time.Timer // tells the supervisor when to call askAgain
	alarm      time.Time   // what it is set to; zero if it is not
	warned     bool        // on the present session
}

func (r *registry) init(c *Client) {
	r.c = c
	r.subs = make(map[string]*Subscription)
	r.channels = make(channels)
	r.search.init(r)
	r.clock = time.NewTimer(answerPatience)
	r.clock.Stop()
}

// add adds a subscription, and asks the server for its channel if that is not known to it.
func (r *registry) add(sub *Subscription) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addLocked(sub)
}

func (r *registry) addLocked(sub *Subscription) error {
	if r.closed {
		return r.c.noSubscriptions()
	}
	if limit := r.c.cfg.limits.Subscriptions; len(r.subs) >= limit {
		return &LimitError{Limit: "subscriptions", Field: "Subscriptions", Max: limit, kind: ErrTooManySubscriptions}
	}
	if r.session != nil && r.channels[sub.route.server] == nil {
		if err := r.session.out.crowded(); err != nil {
			return err
		}
	}
	r.lastNumber++
	sub.key = "sub-" + strconv.FormatUint(r.lastNumber, 10)
	sub.ID = sub.key
	r.subs[sub.key] = sub
	ch := r.channels[sub.route.server]
	if ch == nil {
		ch = &channel{name: sub.route.server, made: r.lastNumber}
		r.channels[ch.name] = ch
	}
	ch.add(sub)
	switch {
	case ch.live:
		sub.confirm.Do(func() { close(sub.confirmed) })
		if r.outOfCredits {
			sub.queue.openGap(GapCredits, time.Now())
		}
	case !ch.asking.waiting: // do not wait for the next attempt
		return r.request(ch, nil)
	}
	return nil
}

// remove ends a subscription, with a cause or in order (nil), and unsubscribes its channel if it
// was the last one.
func (r *registry) remove(sub *Subscription, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.release(sub, cause)
}

// removeID ends the subscription with this ID. It returns a channel for the server's confirmation,
// nil if there is none to wait for.
func (r *registry) removeID(id string) <-chan error {
	r.mu.Lock()
	defer r.mu.Unlock()
	sub := r.subs[id]
	if sub == nil {
		return nil
	}
	return r.release(sub, nil)
}

// release is remove under the lock. It returns a channel for the server's confirmation, nil if
// there is none to wait for.
func (r *registry) release(sub *Subscription, cause error) <-chan error {
	if r.subs[sub.key] != sub {
		return nil
	}
	r.drop(sub, cause)
	if r.channels[sub.route.server] != nil {
		return nil
	}
	return r.renounce(sub.route.server)
}

// renounce unsubscribes a channel on the server, if there is a session. It returns a channel for
// the confirmation.
func (r *registry) renounce(name string) <-chan error {
	if r.session == nil {
		return nil
	}
	data, err := (&wire.UnsubscribeRequest{Channel: name}).AppendJSON(nil)
	if err != nil {
		return nil
	}
	answer := make(chan error, 1)
	x := &exchange{kind: kindOwn, onReply: func(rep reply) {
		o := outcome{reply: rep}
		if rep.cause != nil {
			answer <- nil // the subscription ended with the connection
			return
		}
		answer <- o.verdict(&methodUnsubscribe)
	}}
	if err := r.session.send(x, &wire.Frame{Type: wire.TypeRequest, Method: methodUnsubscribe.name, Data: data}); err != nil {
		return nil
	}
	return answer
}

// drop ends a subscription without telling the server.
func (r *registry) drop(sub *Subscription, cause error) {
	delete(r.subs, sub.key)
	ch := r.channels[sub.route.server]
	if ch.remove(sub); len(ch.subs) == 0 {
		delete(r.channels, ch.name)
	}
	sub.finish(cause)
	if !sub.own {
		r.unread.add(sub)
	}
}

// dropAll ends every subscription of a channel without telling the server.
func (r *registry) dropAll(ch *channel, cause error) {
	for len(ch.subs) > 0 {
		r.drop(ch.subs[len(ch.subs)-1], cause)
	}
}

// close ends every subscription, with a cause or in order (nil), and returns how many events are
// still queued.
func (r *registry) close(cause error) (left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed, r.session = true, nil
	r.clock.Stop()
	r.search.stop()
	left = r.leftLocked()
	for _, sub := range r.subs {
		sub.finish(cause)
	}
	clear(r.subs)
	clear(r.channels)
	r.unread = unread{}
	return left
}

// drain ends every subscription in order and accepts no more. It returns those whose consumers have
// not received everything, and channels for the server's confirmations.
func (r *registry) drain() (subs []*Subscription, answers []<-chan error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, sub := range r.subs {
		if answer := r.release(sub, nil); answer != nil {
			answers = append(answers, answer)
		}
	}
	r.search.stop()
	return r.unread.appendTo(slices.Collect(maps.Keys(r.reading))), answers
}

// left returns how many events are queued, including those of subscriptions that have ended.
func (r *registry) left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.leftLocked()
}

func (r *registry) leftLocked() (n int) {
	count := func(sub *Subscription) { n += sub.queue.left() }
	for _, sub := range r.subs {
		if !sub.own {
			count(sub)
		}
	}
	for sub := range r.reading {
		count(sub)
	}
	for _, sub := range r.unread.appendTo(nil) {
		count(sub)
	}
	return n
}

// read counts a loop over the events of a run, which a drain waits for, until done is called. What
// is queued then is given up if the client is closing, because a drain waits for it.
func (r *registry) read(sub *Subscription) (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading == nil {
		r.reading = make(map[*Subscription]int)
	}
	r.reading[sub]++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.reading[sub]--; r.reading[sub] > 0 {
			return
		}
		delete(r.reading, sub)
		if r.closed {
			sub.queue.discard()
		}
	}
}
