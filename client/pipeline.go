package client

import (
	"context"
	"slices"
)

// pipeline is a range of EnqueueMany: items under way, in their order. It sends an item without
// waiting for the one before. All of it runs on the goroutine of the range.
//
// An item that was taken is encoded at once, and sent as soon as there is a session and every item
// before it has been sent. If the session ends before the item was written, it is sent again, in
// the same order. So at any time there are, in this order: items that have ended or were sent, and
// items that wait to be sent.
type pipeline struct {
	c   *Client
	ctx context.Context
	cfg batchConfig

	flights []flight // from first on
	first   int
	next    int      // the first flight that may have to be sent
	session *session // on which the latest was sent
	as      waiter   // as what the pipeline waits for a session
	bytes   int      // of requests under way
	over    bool     // no further item can be sent
}

// flight is an item that was taken and whose result was not received yet.
type flight struct {
	item    EnqueueItem
	x       *exchange // nil before it is encoded, and once the flight has ended
	on      *session  // on which it was sent; nil if it waits to be sent
	entered bool      // counts as a call
	at      admission
	ended   bool
	result  EnqueueResult
	err     error
}

func newPipeline(ctx context.Context, c *Client, cfg batchConfig) *pipeline {
	return &pipeline{c: c, ctx: ctx, cfg: cfg}
}

// add takes an item, and sends it if nothing has to be waited for.
func (p *pipeline) add(item EnqueueItem) {
	f := flight{item: item, at: admission{as: admittedCall}}
	err := p.begin(&f)
	if p.first > len(p.flights)/2 {
		p.compact()
	}
	p.flights = append(p.flights, f)
	if err != nil {
		p.end(&p.flights[len(p.flights)-1], err)
	}
	p.send(false)
}

// begin encodes an item, and counts it as a call.
func (p *pipeline) begin(f *flight) error {
	m := &methodJobEnqueue
	if err := ended(p.ctx); err != nil {
		p.over = true
		return unsent(p.ctx, m, err)
	}
	if err := p.cfg.check(); err != nil {
		p.over = true
		return &callError{method: m.name, err: err, safe: true}
	}
	r, ok := newEnqueueRequest(f.item.Name, f.item.Payload, f.item.Options)
	if !ok {
		return foreignOption(m)
	}
	x := p.c.exchanges.get()
	if err := x.prepare(m, r.AppendJSON); err != nil {
		p.c.exchanges.put(x)
		return err
	}
	if err := p.c.inFlight.enter(newCall); err != nil {
		p.c.exchanges.put(x)
		p.over = true
		return p.c.refused(m, err)
	}
	f.x, f.entered = x, true
	p.bytes += len(x.request)
	if err := p.c.ctx.Err(); err != nil {
		p.over = true
		return p.c.refused(m, err)
	}
	return nil
}

// compact removes what was received from the front of the flights.
func (p *pipeline) compact() {
	p.flights = slices.Delete(p.flights, 0, p.first)
	p.next = max(p.next-p.first, 0)
	p.first = 0
}

// deliver yields the results that have come, and waits for some while the window is full. It
// returns false if yield has.
func (p *pipeline) deliver(yield func(Enqueued, error) bool) bool {
	for p.first < len(p.flights) && (p.hasEnded() || p.isFull()) {
		if !yield(p.pop()) {
			return false
		}
	}
	return true
}

// finish waits for everything that is under way.
func (p *pipeline) finish(yield func(Enqueued, error) bool) {
	for p.first < len(p.flights) {
		if !yield(p.pop()) {
			yield = func(Enqueued, error) bool { return true }
		}
	}
}

func (p *pipeline) isFull() bool {
	return len(p.flights)-p.first >= p.cfg.window || p.bytes > p.c.cfg.limits.PendingBytes
}

// hasEnded reports whether the first flight has ended. It does not wait.
func (p *pipeline) hasEnded() bool {
	f := &p.flights[p.first]
	if !f.ended && f.on != nil {
		select {
		case <-f.x.replied:
			p.settle(p.first, outcomeOf(&f.x.reply))
		default:
		}
	}
	return f.ended
}

// pop waits for the first flight to end, and removes it.
func (p *pipeline) pop() (Enqueued, error) {
	f := &p.flights[p.first]
	for !f.ended {
		if f.on == nil {
			p.send(true)
			continue
		}
		p.settle(p.first, f.on.answer(p.ctx, f.x))
	}
	done, err := Enqueued{Item: f.item, Result: f.result}, f.err
	*f = flight{}
	p.first++
	p.next = max(p.next, p.first)
	return done, err
}

// settle records the outcome of a flight that was sent. One that was not written has to be sent
// again.
func (p *pipeline) settle(i int, o outcome) {
	f, m := &p.flights[i], &methodJobEnqueue
	if o.lost && !o.written {
		f.on, p.next = nil, min(p.next, i)
		return
	}
	err := o.verdict(m)
	if err == nil {
		var r *EnqueueResult
		if r, err = result(&f.x.scanner, o.data, scanNew[EnqueueResult]); err == nil {
			f.result = *r
		} else {
			err = &ReplyError{Method: m.name, Err: err, safe: m.repeatable()}
		}
	}
	p.end(f, err)
}

// end ends a flight.
func (p *pipeline) end(f *flight, err error) {
	x := f.x
	p.release(f)
	f.err, f.ended = err, true
	if x != nil {
		p.c.exchanges.put(x)
	}
}

// release gives back what a flight takes of the client.
func (p *pipeline) release(f *flight) {
	if f.x != nil {
		p.bytes -= len(f.x.request)
		f.x, f.on = nil, nil
	}
	p.c.inFlight.release(&f.at)
	if f.entered {
		f.entered = false
		p.c.inFlight.leave()
	}
}

// abandon ends what is under way, without waiting, when the range does not end in order. An
// exchange that is being completed meanwhile is not used again.
func (p *pipeline) abandon() {
	for i := p.first; i < len(p.flights); i++ {
		f := &p.flights[i]
		if f.on != nil {
			f.on.giveUp(f.x)
		}
		p.release(f)
	}
}
