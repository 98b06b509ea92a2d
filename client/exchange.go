package client

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// exchange is one request of a session and what becomes of it. Whoever removes it from the
// session's ledger of pending exchanges ends it, once: with the reply, or with the session's end.
type exchange struct {
	id     uint64        // of the request frame
	number atomic.Uint64 // in the outbox; 0 until it is put there, and again once it is taken back
	sent   time.Time

	// One of the two is set: a caller waits at the channel, or the session's own bookkeeping is
	// done by the function, on the reader's goroutine.
	replies chan reply
	onReply func(reply)
	kind    kind
}

// kind is whose exchange it is.
type kind uint8

const (
	kindCall kind = iota // a caller's
	kindOwn              // a request of the session's own
	kindPing             // not a request: an error without a correlation cannot be meant for it
)

// reply is how an exchange ended.
type reply struct {
	data    json.RawMessage
	refusal *wire.ErrorDetail // the server's
	garbled error             // the reply was none
	cause   error             // the session's cause of death, if that came first
	written bool              // then: whether the request had been written
	strikes int               // and what it is charged with: see session.strikes
}

func (x *exchange) complete(r reply) {
	if x.onReply != nil {
		x.onReply(r)
		return
	}
	x.replies <- r // has room for the only one
}

// pending is a session's exchanges that wait for their replies, by the number in their ids.
type pending struct {
	max int
	// of exchanges; not the package's: a channel must not leave its testing/synctest bubble
	spare sync.Pool

	mu      sync.Mutex
	waiting map[uint64]*exchange
	// written requests whose callers have gone before the answer: when they were sent
	stale  map[uint64]time.Time
	closed bool
}

// exchange returns an exchange that is nobody's.
func (p *pending) exchange() *exchange {
	if x, ok := p.spare.Get().(*exchange); ok {
		return x
	}
	return &exchange{replies: make(chan reply, 1)}
}

func (p *pending) add(x *exchange) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errOver
	}
	p.waiting[x.id] = x
	return nil
}

// take removes and returns the exchange with this id, nil if there is none. One whose request is
// not yet written stays, for the reply cannot be to it; early says so.
func (p *pending) take(id uint64, written func(*exchange) bool) (x *exchange, early bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	x = p.waiting[id]
	switch {
	case x == nil:
		delete(p.stale, id)
		return nil, false
	case !written(x):
		return nil, true
	}
	delete(p.waiting, x.id)
	return x, false
}

// drop removes an exchange and reports whether it was there, so that nobody else ends it.
func (p *pending) drop(x *exchange) bool { return p.abandon(x, false) }

// abandon is drop for a caller that goes. A request that is written may still be answered.
func (p *pending) abandon(x *exchange, written bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[x.id] != x {
		return false
	}
	delete(p.waiting, x.id)
	if written && len(p.stale) < p.max {
		if p.stale == nil {
			p.stale = make(map[uint64]time.Time)
		}
		p.stale[x.id] = x.sent
	}
	return true
}

// takeOnly removes and returns the only request that is written and not answered, nil if there is
// none or several. Then n says how many there are, those whose callers have gone among them; 0 if
// nobody waits for any.
func (p *pending) takeOnly(written func(*exchange) bool) (only *exchange, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.waiting {
		if x.kind != kindPing && written(x) {
			only, n = x, n+1
		}
	}
	switch {
	case n == 0:
		if len(p.stale) == 1 {
			clear(p.stale)
		}
		return nil, 0
	case n+len(p.stale) > 1:
		return nil, n + len(p.stale)
	}
	delete(p.waiting, only.id)
	return only, 1
}

// takeAll removes and returns all exchanges, with the number of those whose callers have gone, and
// refuses further ones.
func (p *pending) takeAll() (all map[uint64]*exchange, stale int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all = p.waiting
	p.waiting, p.closed = nil, true
	return all, len(p.stale)
}

// oldest is when the request was sent that has waited longest for its answer, whether or not its
// caller still waits; zero if there is none. Pings are no requests.
func (p *pending) oldest() (sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	note := func(t time.Time) {
		if sent.IsZero() || t.Before(sent) {
			sent = t
		}
	}
	for _, x := range p.waiting {
		if x.kind != kindPing {
			note(x.sent)
		}
	}
	for _, t := range p.stale {
		note(t)
	}
	return sent
}
