package conform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/xraph/dispatch/internal/wire"
)

// Checker follows the conversations of a server and checks each message. It is safe
// for concurrent use; the messages of one connection are checked in their order.
type Checker struct {
	protocol *protocol

	mu      sync.Mutex
	pending map[question]*asked
}

// question identifies a frame that needs an answer.
type question struct {
	conn int
	id   string
}

type asked struct {
	method string // empty for a ping
	times  int
}

// Message is a message that a client or a server sent.
type Message struct {
	Conn    int  // identifies the connection
	Inbound bool // from the client
	Format  wire.Format
	Raw     []byte
	Frame   *wire.Frame // Raw, decoded; nil if it does not decode
	Again   bool        // an inbound message that a fault repeats
}

// New returns a checker that has seen nothing.
func New() (*Checker, error) {
	p, err := compiled()
	if err != nil {
		return nil, fmt.Errorf("conform: %w", err)
	}
	return &Checker{protocol: p, pending: map[question]*asked{}}, nil
}

// Knows reports whether the schema has a method of that name.
func (c *Checker) Knows(method string) bool {
	_, known := c.protocol.methods[method]
	return known
}

// Check says what is wrong with a message, as far as the schema goes, and which method it asks for
// or answers, if it is known.
func (c *Checker) Check(m Message) (method string, err error) {
	if m.Frame == nil {
		return "", errors.New("not a frame")
	}
	text := m.Raw
	if m.Format != wire.FormatJSON {
		if text, err = wire.FormatJSON.Append(nil, m.Frame); err != nil {
			return "", err
		}
	}
	if m.Inbound {
		return m.Frame.Method, errors.Join(validate("frame", c.protocol.frame, text), c.inbound(m))
	}
	method, waiting := "", true
	if m.Frame.CorrelID != "" {
		method, waiting = c.answered(question{m.Conn, m.Frame.CorrelID})
	}
	if err := validate("frame", c.protocol.frame, text); err != nil {
		return method, err
	}
	if !waiting {
		return "", fmt.Errorf("a %s to %q, which waits for nothing", m.Frame.Type, m.Frame.CorrelID)
	}
	return method, c.outbound(m.Frame, method)
}

// inbound checks what a client may send: requests, pings, and grants of credits.
func (c *Checker) inbound(m Message) error {
	fr := m.Frame
	switch {
	case fr.Type == wire.TypeEvent && fr.Credits > 0 && fr.Method == "" && fr.Data == nil:
		return nil
	case fr.Type != wire.TypeRequest && fr.Type != wire.TypePing:
		return fmt.Errorf("a client sends no %s", fr.Type)
	case fr.Credits > 0:
		return fmt.Errorf("a %s with credits", fr.Type) // a request gets no reply then
	}
	c.mu.Lock()
	q := question{m.Conn, fr.ID}
	a := c.pending[q]
	if a == nil {
		a = &asked{}
		c.pending[q] = a
	}
	a.times++
	again := a.times > 1 && !m.Again
	a.method = fr.Method
	c.mu.Unlock()

	method, known := c.protocol.methods[fr.Method]
	switch {
	case again:
		return fmt.Errorf("the id %q is in use", fr.ID)
	case fr.Type == wire.TypePing:
		return nothing("a ping's data", fr.Data)
	case !known:
		return fmt.Errorf("the schema has no method %q", fr.Method)
	case method.declared:
		return nil
	case method.request == nil:
		return nothing("the data of "+fr.Method, fr.Data)
	case fr.Data == nil:
		return fmt.Errorf("%s without data", fr.Method)
	}
	return validate("the data of "+fr.Method, method.request, fr.Data)
}

// outbound checks what a server may send: what answers a request of a method, and events.
func (c *Checker) outbound(fr *wire.Frame, name string) error {
	switch fr.Type {
	case wire.TypeEvent:
		return c.event(fr)
	case wire.TypeResponse, wire.TypePong, wire.TypeError:
	default:
		return fmt.Errorf("a server sends no %s", fr.Type)
	}
	switch {
	case (fr.Type == wire.TypeError) != (fr.Error != nil):
		return fmt.Errorf("a frame of type %s with the error %+v", fr.Type, fr.Error)
	case fr.Type == wire.TypeError:
		return nil // without a correl_id, it is about a frame that does not decode
	case fr.CorrelID == "":
		return fmt.Errorf("a %s that answers nothing", fr.Type)
	case fr.Type == wire.TypePong:
		return nothing("a pong's data", fr.Data)
	}
	method, known := c.protocol.methods[name]
	if !known || method.response == nil {
		return fmt.Errorf("a response to %q, of which the schema knows none", name)
	}
	return validate("the response to "+name, method.response, fr.Data)
}

// answered takes an answer to a question and returns the method that was asked for.
func (c *Checker) answered(q question) (method string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.pending[q]
	if a == nil {
		return "", false
	}
	if a.times--; a.times == 0 {
		delete(c.pending, q)
	}
	return a.method, true
}

func (c *Checker) event(fr *wire.Frame) error {
	if err := validate("the event", c.protocol.envelope, fr.Data); err != nil {
		return err
	}
	var ev wire.EventEnvelope
	if err := wire.DecodeEnvelope(fr.Data, &ev); err != nil {
		return err
	}
	if ev.Topic != fr.Channel {
		return fmt.Errorf("an event of %q on channel %q", ev.Topic, fr.Channel)
	}
	payload := c.protocol.events[ev.Type]
	if payload == nil {
		return fmt.Errorf("the schema has no event %q", ev.Type)
	}
	return validate("the payload of "+ev.Type, payload, ev.Data)
}

func nothing(what string, data json.RawMessage) error {
	if len(data) > 0 && !bytes.Equal(data, []byte("null")) {
		return fmt.Errorf("%s should not be there", what)
	}
	return nil
}
