// This file provokes errors of the client, each with a peer that causes it.
package client_test

import (
	"context"
	"fmt"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// broken is a payload whose encoding fails with an error that must not be mistaken for the client's
// own.
type broken struct{ err error }

func (b broken) MarshalJSON() ([]byte, error) { return nil, b.err }

func enqueue(ctx context.Context, c *client.Client) error {
	_, err := c.Enqueue(ctx, "n", nil)
	return err
}

func getJob(ctx context.Context, c *client.Client) error {
	_, err := c.GetJob(ctx, "1")
	return err
}

func startWorkflow(ctx context.Context, c *client.Client) error {
	_, err := c.StartWorkflow(ctx, "w", nil)
	return err
}

func atOnce(int) (time.Duration, bool) { return 0, true }
func never(int) (time.Duration, bool)  { return time.Hour, true }

// calling provokes an error with a call, in front of a peer that handles its request so.
func calling(call func(context.Context, *client.Client) error, handle func(*peerConn, *wire.Frame), opts ...client.Option) func(*peer, client.Option) error {
	return func(p *peer, format client.Option) error {
		p.handle = handle
		return call(p.t.Context(), p.dial(append(opts, format, client.WithBackoff(atOnce))...))
	}
}

// dialing provokes an error of DialContext.
func dialing(opts ...client.Option) func(*peer, client.Option) error {
	return func(p *peer, format client.Option) error {
		_, err := p.tryDial(p.t.Context(), append(opts, format)...)
		return err
	}
}

// disconnected provokes an error with a call while there is no connection.
func disconnected(call func(context.Context, *client.Client) error, opts ...client.Option) func(*peer, client.Option) error {
	return func(p *peer, format client.Option) error {
		c := p.dial(append([]client.Option{format, client.WithBackoff(never)}, opts...)...)
		p.conn(1).Cut()
		synctest.Wait()
		return call(p.t.Context(), c)
	}
}

// behind makes a call while another one is under way, and lets go of that.
func behind(first, call func(context.Context, *client.Client) error) func(context.Context, *client.Client) error {
	return func(ctx context.Context, c *client.Client) error {
		ctx, cancel := context.WithCancel(ctx)
		done := errs(func() error { return first(ctx, c) })
		defer func() { cancel(); <-done }()
		synctest.Wait()
		return call(ctx, c)
	}
}

// ending makes a call whose ctx ends after a second.
func ending(call func(context.Context, *client.Client) error) func(context.Context, *client.Client) error {
	return func(ctx context.Context, c *client.Client) error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return call(ctx, c)
	}
}

// after makes a call after something else.
func after(before func(*client.Client), call func(context.Context, *client.Client) error) func(context.Context, *client.Client) error {
	return func(ctx context.Context, c *client.Client) error {
		before(c)
		return call(ctx, c)
	}
}

// during makes a call, and something else while it is under way.
func during(call func(context.Context, *client.Client) error, meanwhile func(*client.Client)) func(context.Context, *client.Client) error {
	return func(ctx context.Context, c *client.Client) error {
		done := errs(func() error { return call(ctx, c) })
		synctest.Wait()
		meanwhile(c)
		return <-done
	}
}

func closes(c *client.Client) { c.Close() }

// cuts ends the connection in place of an answer.
func cuts(c *peerConn, fr *wire.Frame) {
	if fr.Type == wire.TypeRequest {
		c.Cut()
	}
}

func answers(f ws.Frame) func(*peerConn, *wire.Frame) {
	return func(c *peerConn, fr *wire.Frame) {
		if fr.Type == wire.TypeRequest {
			c.raw(f)
		}
	}
}

func refuses(code int) func(*peerConn, *wire.Frame) {
	return func(c *peerConn, fr *wire.Frame) {
		if fr.Type == wire.TypeRequest {
			c.refuse(fr, code, "no")
		}
	}
}

func garbles(c *peerConn, fr *wire.Frame) {
	if fr.Type == wire.TypeRequest {
		c.reply(fr, 7)
	}
}

// admits answers upgrades from the nth on with an HTTP status.
func admits(n int, status string, provoke func(*peer, client.Option) error) func(*peer, client.Option) error {
	return func(p *peer, format client.Option) error {
		p.admit = func(c *peerConn) bool {
			if c.n < n {
				return true
			}
			ws.ReadHeader(c)
			fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status)
			return false
		}
		return provoke(p, format)
	}
}
