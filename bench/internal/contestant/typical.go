package contestant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// transport carries frames. Any number of goroutines may write at once, one reads.
type transport interface {
	write(ctx context.Context, f *dwp.Frame, format string) error
	read(ctx context.Context, f *dwp.Frame, format string) error
	close() error
}

// typical is the client that most programs would have: every frame is decoded into a struct, a map
// holds a channel for each pending request, and events go through a channel per topic.
type typical struct {
	t       transport
	w       work.Work
	payload dwp.Mail
	queues  []string
	last    atomic.Uint64
	ended   chan struct{} // closed when reading has ended with err
	err     error

	mu      sync.Mutex
	pending map[string]chan *dwp.Frame
	events  map[string]chan dwp.Event
}

func newTypical(ctx context.Context, t transport, w work.Work) (*typical, error) {
	c := &typical{
		t: t, w: w, payload: dwp.NewMail(w.Size), queues: queues(w.Callers), ended: make(chan struct{}),
		pending: map[string]chan *dwp.Frame{}, events: map[string]chan dwp.Event{},
	}
	f, err := c.request("auth", dwp.Auth{Token: "secret", Format: w.Format})
	if err != nil {
		return nil, err
	}
	f.Token = "secret"
	if err := t.write(ctx, f, dwp.JSON); err != nil {
		return nil, err
	}
	var reply dwp.Frame
	if err := t.read(ctx, &reply, w.Format); err != nil {
		return nil, err
	}
	if reply.CorrelationID != f.ID || reply.Error != nil {
		return nil, fmt.Errorf("auth: %+v", reply)
	}
	go c.readAll(ctx)
	return c, nil
}

func (c *typical) Close() error {
	err := c.t.close()
	<-c.ended
	return err
}

func (c *typical) request(method string, data any) (*dwp.Frame, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	id := "req_" + strconv.FormatUint(c.last.Add(1), 10)
	return &dwp.Frame{ID: id, Type: "request", Method: method, Data: text, Time: time.Now().UTC()}, nil
}

func (c *typical) call(ctx context.Context, method string, data, result any) error {
	f, err := c.request(method, data)
	if err != nil {
		return err
	}
	reply := make(chan *dwp.Frame, 1)
	c.mu.Lock()
	c.pending[f.ID] = reply
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.pending, f.ID)
		c.mu.Unlock()
	}()
	if err := c.t.write(ctx, f, c.w.Format); err != nil {
		return err
	}
	select {
	case f := <-reply:
		if f.Error != nil {
			return fmt.Errorf("%s: %d %s", method, f.Error.Code, f.Error.Message)
		}
		return json.Unmarshal(f.Data, result)
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		return c.err
	}
}

func (c *typical) readAll(ctx context.Context) {
	defer close(c.ended)
	for {
		f := new(dwp.Frame)
		if c.err = c.t.read(ctx, f, c.w.Format); c.err != nil {
			return
		}
		if f.Type == "event" {
			var e dwp.Event
			if c.err = json.Unmarshal(f.Data, &e); c.err != nil {
				return
			}
			c.mu.Lock()
			to := c.events[e.Topic]
			if to == nil {
				to = c.events[firehose]
			}
			c.mu.Unlock()
			to <- e
			continue
		}
		c.mu.Lock()
		reply := c.pending[f.CorrelationID]
		delete(c.pending, f.CorrelationID)
		c.mu.Unlock()
		if reply != nil {
			reply <- f
		}
	}
}

const firehose = "firehose"

func (c *typical) Call(ctx context.Context, caller int) error {
	return c.enqueue(ctx, c.payload, c.queues[caller])
}

func (c *typical) Large(ctx context.Context) error {
	return c.enqueue(ctx, dwp.NewMail(c.w.LargeSize), "large")
}

func (c *typical) enqueue(ctx context.Context, payload dwp.Mail, queue string) error {
	var receipt dwp.Receipt
	request := dwp.Enqueue{Name: dwp.JobName, Payload: payload, Queue: queue, Priority: dwp.Priority}
	if err := c.call(ctx, "job.enqueue", request, &receipt); err != nil {
		return err
	}
	return checkQueue(receipt.Queue, queue)
}

func (c *typical) Events(ctx context.Context) error {
	if c.w.Kind != work.Events {
		return ErrUnsupported
	}
	errs := make([]error, c.w.Subscriptions)
	var all sync.WaitGroup
	for i := range errs {
		channel := dwp.Topic(i)
		if c.w.Subscriptions == 1 {
			channel = firehose
		}
		all.Go(func() { errs[i] = c.follow(ctx, channel, c.w.Events/c.w.Subscriptions) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (c *typical) follow(ctx context.Context, channel string, share int) error {
	events := make(chan dwp.Event, 1000)
	c.mu.Lock()
	c.events[channel] = events
	c.mu.Unlock()
	var confirmed struct{ Status string }
	if err := c.call(ctx, "subscribe", dwp.Subscribe{Channel: channel}, &confirmed); err != nil {
		return err
	}
	for n := range share {
		select {
		case e := <-events:
			if e.Type != "job.completed" || e.Data.JobID == "" {
				return fmt.Errorf("event %d is %+v", n, e)
			}
		case <-c.ended:
			return c.err
		}
	}
	return nil
}
