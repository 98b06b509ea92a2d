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

// An Option changes what [New] and [NewServer] make.
type Option func(*config)

type config struct {
	server   []devserver.Option
	client   []client.Option
	inMemory bool
	allow    []func(Violation) bool
	methods  []string // beyond the schema's
	idle     bool     // whether faults may never act
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

// WithServer adds options of the server, such as [devserver.WithQueues] for a program that uses
// other queues than "default". By default the server has none but a log for its warnings. It may be
// given several times.
func WithServer(opts ...devserver.Option) Option {
	return func(c *config) { c.server = append(c.server, opts...) }
}

// WithClient adds options of the client that [New] dials. It may be given several times.
func WithClient(opts ...client.Option) Option {
	return func(c *config) { c.client = append(c.client, opts...) }
}

// InMemory makes the server and its clients connect in memory. They then work inside a
// testing/synctest bubble. A program that dials the server by itself needs [Server.ClientOptions].
// By default they connect over loopback.
func InMemory() Option {
	return func(c *config) { c.inMemory = true }
}

// AllowViolations allows the violations for which f returns true, for tests that make them on
// purpose. f runs on a goroutine of the server, one call at a time. It may be given several times.
func AllowViolations(f func(Violation) bool) Option {
	return func(c *config) { c.allow = append(c.allow, f) }
}

// AllowMethods allows requests of methods that the schema does not have, such as those served with
// [devserver.Server.HandleRaw], and their responses. Faults may name these methods. It may be given
// several times.
func AllowMethods(methods ...string) Option {
	return func(c *config) {
		c.methods = append(c.methods, methods...)
		c.allow = append(c.allow, func(v Violation) bool { return slices.Contains(methods, v.Method) })
	}
}

// AllowIdleFaults allows injected faults that never act, for tests that inject faults at random.
func AllowIdleFaults() Option {
	return func(c *config) { c.idle = true }
}

// Violation is a message that violates the schema.
type Violation struct {
	Inbound bool   // whether the client sent it
	Conn    int    // the connection's number, from 1
	Method  string // of the request, or of the request that is answered; empty for anything else
	Frame   string // the frame as JSON, or the message itself if it is not a frame
	Err     error  // what is wrong with it
}

// String returns a sentence for the test's log.
func (v Violation) String() string {
	who := "the server"
	if v.Inbound {
		who = "the client"
	}
	return fmt.Sprintf("%s violates the schema on connection %d: %v: %s", who, v.Conn, v.Err, v.Frame)
}

// violation checks a message. It does not report what a fault made or changed; but it follows such
// requests, because the server answers them.
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
