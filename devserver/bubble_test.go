package devserver_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/wire"
)

// bubble is a server on in-memory connections with a clock of its own.
type bubble struct {
	*testing.T
	srv    *devserver.Server
	listen *memnet.Listener
}

// inBubble runs a test in a bubble, for each format.
func inBubble(t *testing.T, opts []devserver.Option, test func(b *bubble, format wire.Format)) {
	t.Helper()
	t.Parallel()
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := devserver.New(opts...)
				test(&bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}, format)
			})
		})
	}
}

// dial connects; status is the HTTP status that refused it.
func (b *bubble) dial() (p *peer, status int, err error) {
	d := ws.Dialer{
		NetDial:       b.listen.Dial,
		Timeout:       time.Minute,
		OnStatusError: func(code int, _ []byte, _ io.Reader) { status = code },
	}
	c, r, _, err := d.Dial(b.Context(), "ws://server/dwp")
	if err != nil {
		return nil, status, err
	}
	return newPeer(b.T, c, r), 0, nil
}

func (b *bubble) login(format wire.Format) *peer {
	b.Helper()
	return b.loginWith(devserver.DefaultToken, format)
}

func (b *bubble) loginWith(token string, format wire.Format) *peer {
	b.Helper()
	p, _, err := b.dial()
	if err != nil {
		b.Fatal(err)
	}
	p.login(token, format)
	return p
}

// silent fails unless nothing comes for a minute and the connection stays.
func (b *bubble) silent(p *peer) {
	b.Helper()
	select {
	case fr := <-p.frames:
		b.Fatalf("want silence, got %+v", fr)
	case <-time.After(time.Minute):
	}
}

// ended fails unless the connection has ended, with this close code; 0 is without a close frame.
func (b *bubble) ended(p *peer, code ws.StatusCode) {
	b.Helper()
	if fr := p.next(); fr != nil {
		b.Fatalf("want the end, got %+v", fr)
	}
	if p.closeCode != code {
		b.Errorf("close code %d, want %d", p.closeCode, code)
	}
}
