package client

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/wire"
)

// exchange is one request of a session, until it is completed: once, by whatever removes it from
// the session's pending exchanges, with the reply or with the session's end.
//
// The exchange of a call is used for each of its attempts, and returned to the client's spare
// exchanges when the call returns. So results must not refer to its memory.
type exchange struct {
	id     uint64        // of the request frame
	number atomic.Uint64 // in the outbox; 0 until it is put there, and again once it is taken back
	sent   time.Time

	// One of the two is set: a caller waits for the reply; or the function handles the reply to a
	// request of the session's own, on the reader's goroutine, and keeps nothing of its data.
	*caller
	onReply func(reply)
	kind    kind
}

// caller is what the exchange of a call has besides. It is on its own because a client with many
// channels keeps as many exchanges of the session's own.
type caller struct {
	replied chan struct{} // gets a token when reply is set
	request []byte        // the data of the request
	reply   reply
	answer  []byte // memory for the data of the reply
	scanner codec.Scanner

	// For interceptors: how often the request was written, and the number of the session that it
	// was put on last.
	attempts int
	session  uint64
	put      func() // called when the request is put on a session; nil for nothing
}

// kind is the kind of request that an exchange is for.
type kind uint8

const (
	kindCall kind = iota // a caller's
	kindOwn              // a request of the session's own
	kindPing             // not a request: an error frame without a correlation does not concern it
)

// reply is how an exchange was completed.
type reply struct {
	data     json.RawMessage
	borrowed bool              // the data are a part of the reader's buffer
	refusal  *wire.ErrorDetail // the server's
	garbled  error             // why the reply cannot be used
	cause    error             // why the session ended, if that came first
	written  bool              // in that case: whether the request was written
	strikes  int               // and its strikes: see session.strikes
}

func (x *exchange) complete(r reply) {
	if x.onReply != nil {
		x.onReply(r)
		return
	}
	if x.reply = r; r.borrowed {
		x.answer = append(x.answer[:0], r.data...)
		x.reply.data, x.reply.borrowed = x.answer, false
	}
	x.replied <- struct{}{} // never blocks: it has room for the one token
}

// keptRequest is the largest buffer, in bytes, that a spare exchange keeps for a request. What it
// keeps for answers is bounded by the read buffer, because longer answers have their own memory.
const keptRequest = 64 << 10

// exchanges are the spare exchanges of a client. They are not a global, because a channel must not
// leave its testing/synctest bubble.
type exchanges struct{ spare sync.Pool }

func (e *exchanges) get() *exchange {
	if x, ok := e.spare.Get().(*exchange); ok {
		return x
	}
	return &exchange{caller: &caller{replied: make(chan struct{}, 1)}}
}

// put takes the exchange of a call that returns. It is not called when a user's code panics,
// because the exchange may still be pending then.
func (e *exchanges) put(x *exchange) {
	x.request = reusable(x.request, keptRequest)
	x.reply, x.put = reply{}, nil
	x.scanner.Reset(nil)
	e.spare.Put(x)
}

// pending is the exchanges of a session that wait for replies, by the number in their ids.
type pending struct {
	max int

	mu      sync.Mutex
	waiting map[uint64]*exchange
	// when written requests were sent whose callers have stopped waiting
	stale  map[uint64]time.Time
	closed bool
	none   chan struct{} // closed when nothing waits; nil unless that is of interest
}

// empty returns a channel that is closed once no exchange waits.
func (p *pending) empty() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.none = make(chan struct{})
	none := p.none
	p.removed()
	return none
}

// removed is called after an exchange was removed.
func (p *pending) removed() {
	if p.none != nil && len(p.waiting) == 0 {
		close(p.none)
		p.none = nil
	}
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

// take removes and returns the exchange with this id, nil if there is none. An exchange whose
// request is not written yet stays, because the reply cannot belong to it; early is true then.
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
	p.removed()
	return x, false
}

// drop removes an exchange and reports whether it was there. If so, nothing else completes it.
func (p *pending) drop(x *exchange) bool { return p.abandon(x, false) }

// abandon is drop for a caller that stops waiting. If its request is written, a reply may still
// arrive.
func (p *pending) abandon(x *exchange, written bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[x.id] != x {
		return false
	}
	delete(p.waiting, x.id)
	p.removed()
	if written && len(p.stale) < p.max {
		if p.stale == nil {
			p.stale = make(map[uint64]time.Time)
		}
		p.stale[x.id] = x.sent
	}
	return true
}

// takeOnly removes and returns the only request that is written and not answered, and nil if there
// are several or none. n is the number of such requests, including those whose callers have stopped
// waiting; it is 0 if nothing waits for any of them.
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
	p.removed()
	return only, 1
}

// takeAll removes and returns all exchanges, and refuses further ones. stale is the number of
// written requests whose callers have stopped waiting.
func (p *pending) takeAll() (all map[uint64]*exchange, stale int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all = p.waiting
	p.waiting, p.closed = nil, true
	return all, len(p.stale)
}

// oldest returns when the oldest request without a reply was sent, whether or not its caller still
// waits, and the zero time if there is none. Pings do not count.
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
