package dwptest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/conform"
	"github.com/xraph/dispatch/internal/faultframe"
	"github.com/xraph/dispatch/internal/wire"
)

// An Option of [New] and [NewServer].
type Option func(*config)

type config struct {
	server   []devserver.Option
	client   []client.Option
	inMemory bool
	allow    []func(Violation) bool
	methods  []string // beyond the schema's
	idle     bool     // whether faults may be that never act
}

func configure(opts []Option) (c config) {
	for _, o := range opts {
		o(&c)
	}
	return c
}

func (c *config) allowed(v Violation) bool {
	for _, allow := range c.allow {
		if allow(v) {
			return true
		}
	}
	return false
}

// WithServer gives options to the server, such as [devserver.WithQueues] if the program uses other queues than default.
func WithServer(opts ...devserver.Option) Option {
	return func(c *config) { c.server = append(c.server, opts...) }
}

// WithClient gives options to the client that [New] dials.
func WithClient(opts ...client.Option) Option {
	return func(c *config) { c.client = append(c.client, opts...) }
}

// InMemory has the server and its clients connect in memory and not over loopback, so that
// they work inside a testing/synctest bubble. A program that dials the server by itself needs [Server.ClientOptions] then.
func InMemory() Option {
	return func(c *config) { c.inMemory = true }
}

// AllowViolations lets deliberate mistakes pass: those for which f is true. f runs on the server's
// goroutines. It may be given several times.
func AllowViolations(f func(Violation) bool) Option {
	return func(c *config) { c.allow = append(c.allow, f) }
}

// AllowMethods lets requests pass whose methods the schema does not know, such as those
// served with [devserver.Server.HandleRaw], and their responses. Faults may name these methods.
func AllowMethods(methods ...string) Option {
	return func(c *config) {
		c.methods = append(c.methods, methods...)
		c.allow = append(c.allow, func(v Violation) bool { return slices.Contains(methods, v.Method) })
	}
}

// AllowIdleFaults lets faults pass that were injected and never acted, for tests that inject faults at random.
func AllowIdleFaults() Option {
	return func(c *config) { c.idle = true }
}

// Violation is a message that the schema does not allow.
type Violation struct {
	Inbound bool   // whether the client sent it
	Conn    int    // the connection's number, from 1
	Method  string // of the request, or of the request that is answered; empty for anything else
	Frame   string // the message as JSON, or as it is if it is not a frame
	Err     error  // what is wrong with it
}

// String says what is wrong, and with what.
func (v Violation) String() string {
	who := "the server"
	if v.Inbound {
		who = "the client"
	}
	return fmt.Sprintf("%s violates the schema on connection %d: %v: %s", who, v.Conn, v.Err, v.Frame)
}

// violation checks a message. What a fault has made or altered is nobody's mistake; but what it made of a request is what
// the server answers.
func violation(c *conform.Checker, m devserver.Traffic) (Violation, bool) {
	inbound := m.Dir == devserver.Inbound
	if m.Faulty && !inbound {
		return Violation{}, false
	}
	frame := faultframe.To(m.Frame)
	method, err := c.Check(conform.Message{
		Conn: m.Conn, Inbound: inbound, Format: wire.Format(m.Format), Raw: m.Raw, Frame: frame, Again: m.Faulty,
	})
	err = errors.Join(m.Err, err)
	if err == nil || m.Faulty {
		return Violation{}, false
	}
	v := Violation{Inbound: inbound, Conn: m.Conn, Method: method, Frame: string(m.Raw), Err: err}
	if frame != nil {
		if text, err := wire.FormatJSON.Append(nil, frame); err == nil {
			v.Frame = string(text)
		}
	}
	return v, true
}
