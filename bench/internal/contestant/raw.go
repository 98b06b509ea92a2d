package contestant

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gobwas/ws"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/load"
	"github.com/xraph/dispatch/bench/internal/work"
)

// raw is the limit of what a client can reach: one goroutine that sends requests which were encoded
// beforehand, as many in flight as there are callers, in batches. Of replies it finds the request's
// id and the queue, and events it only counts.
type raw struct {
	conn  *dwp.Conn
	w     work.Work
	op    ws.OpCode
	slots []slot
	last  uint64
}

// slot is one place of the window.
type slot struct {
	request *dwp.Stamped
	queue   []byte
	id      uint64 // of the request in flight; 0 for none
	sent    time.Time
}

const (
	slotBits = 12 // of a request's number
	slotMask = 1<<slotBits - 1
)

func connectRaw(ctx context.Context, addr string, w work.Work) (Contestant, error) {
	nc, in, _, err := ws.Dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	c := &raw{conn: dwp.NewConn(nc, in, true), w: w, op: ws.OpText}
	if w.Format == dwp.Msgpack {
		c.op = ws.OpBinary
	}
	auth := c.encode("auth", "secret", dwp.JSON, dwp.Auth{Token: "secret", Format: w.Format})
	if err := c.conn.Send(ws.OpText, auth.With(0)); err != nil {
		return nil, err
	}
	if _, err := c.reply(); err != nil {
		return nil, err
	}
	slots := w.Callers
	if w.Kind == work.Open {
		slots = slotMask // an open loop does not wait for a caller
	}
	mail := dwp.NewMail(w.Size)
	for i := range slots {
		queue := dwp.Queue(i)
		data := dwp.Enqueue{Name: dwp.JobName, Payload: mail, Queue: queue, Priority: dwp.Priority}
		c.slots = append(c.slots, slot{request: c.encode("job.enqueue", "", w.Format, data), queue: []byte(queue)})
	}
	return c, nil
}

// encode prepares a request whose id is a number.
func (c *raw) encode(method, token, format string, data any) *dwp.Stamped {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // a mistake in this program
	}
	f := dwp.Frame{ID: dwp.Blank, Type: "request", Method: method, Token: token, Data: text, Time: time.Now().UTC()}
	return dwp.NewStamped(dwp.Encode(f, format))
}

func (c *raw) Close() error { return c.conn.Close() }

// Call is never called: Window and Paced are.
func (c *raw) Call(context.Context, int) error { return ErrUnsupported }

var (
	keyCorrelation = dwp.NewKey("correl_id")
	keyQueue       = dwp.NewKey("queue")
)

// reply waits for a message, which has to be a reply.
func (c *raw) reply() (message []byte, err error) {
	message, err = c.conn.Next()
	if err == nil && keyCorrelation.First(message, c.w.Format) == nil {
		err = fmt.Errorf("no reply, but %.200q", message)
	}
	return message, err
}

func (c *raw) send(i int, now time.Time) error {
	s := &c.slots[i]
	c.last++
	s.id, s.sent = c.last<<slotBits|uint64(i), now
	return c.conn.Send(c.op, s.request.With(s.id))
}

// settle takes a reply and returns its slot.
func (c *raw) settle() (int, error) {
	message, err := c.reply()
	if err != nil {
		return 0, err
	}
	id, ok := dwp.Number(keyCorrelation.First(message, c.w.Format))
	i := int(id & slotMask)
	if !ok || i >= len(c.slots) || c.slots[i].id != id {
		return 0, fmt.Errorf("there is no request for the reply %.200q", message)
	}
	if !bytes.Equal(keyQueue.Last(message), c.slots[i].queue) {
		return 0, checkQueue(string(keyQueue.Last(message)), string(c.slots[i].queue))
	}
	c.slots[i].id = 0
	return i, nil
}

// Window keeps the window full until then.
func (c *raw) Window(until time.Time, latencies *load.Latencies) (calls int, err error) {
	// With all of the window in one write, the client and the server would wait for each other in
	// turn.
	const together = 16
	now := time.Now()
	for i := range c.slots {
		if err := c.send(i, now); err != nil {
			return calls, err
		}
	}
	for flying, waiting := len(c.slots), 0; flying > 0; {
		if !c.conn.Buffered() {
			waiting = 0 // Next sends
		}
		i, err := c.settle()
		if err != nil {
			return calls, err
		}
		now = time.Now()
		latencies.Add(now.Sub(c.slots[i].sent))
		calls++
		if now.After(until) {
			flying--
			continue
		}
		if err := c.send(i, now); err != nil {
			return calls, err
		}
		if waiting++; waiting >= together {
			waiting = 0
			if err := c.conn.Flush(); err != nil {
				return calls, err
			}
		}
	}
	return calls, nil
}

func (c *raw) Events(context.Context) error {
	for i := range c.w.Subscriptions {
		channel := dwp.Topic(i)
		if c.w.Subscriptions == 1 {
			channel = firehose
		}
		if err := c.conn.Send(c.op, c.encode("subscribe", "", c.w.Format, dwp.Subscribe{Channel: channel}).With(uint64(i))); err != nil {
			return err
		}
	}
	for range c.w.Subscriptions {
		if _, err := c.reply(); err != nil {
			return err
		}
	}
	for range c.w.Events {
		if _, err := c.conn.Next(); err != nil {
			return err
		}
	}
	return nil
}
