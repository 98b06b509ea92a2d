package devserver_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

func TestConnectionsAreClosedWithACode(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.CloseWith(1008, "policy", fault.Requests("stats")), fault.CloseWith(1011, "", fault.Replies("job.enqueue")))
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
		b.ended(p, 1008)
		p = b.login(format)
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": "x", "payload": 1})})
		b.ended(p, 1011)
		if n := len(b.srv.Journal()); n != 1 {
			b.Errorf("the server did %d things", n)
		}
	})
}

func TestHalfOpenConnections(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.HalfOpen(fault.Requests("stats")), fault.HalfOpen(fault.Upgrades()))
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": "x", "payload": 1})})
		b.silent(p)
		if done := b.srv.Journal(); len(done) > 0 {
			b.Errorf("the server did %+v", done)
		}
		var timeout net.Error
		if _, _, err := b.dial(); !errors.As(err, &timeout) || !timeout.Timeout() {
			b.Errorf("the dial ended with %v", err)
		}
	})
}

func TestTheServerReadsSlowly(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.SlowRead(1000, fault.Requests("stats")))
		must[client.Stats](p, "stats", nil)
		begin := time.Now()
		must[object](p, "job.enqueue", object{"name": "x", "payload": strings.Repeat("x", 10_000)})
		if took := time.Since(begin); took < 9*time.Second || took > 12*time.Second {
			b.Errorf("10 kB took %v", took)
		}
		b.srv.Inject(fault.SlowRead(0, fault.Requests("stats")))
		must[client.Stats](p, "stats", nil)
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
		b.silent(p)
	})
}

// TestConnectionsAreCutAfterAnyByte counts what arrives of the answer to an upgrade, and of a reply
// and what follows it.
func TestConnectionsAreCutAfterAnyByte(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		for _, n := range []int{0, 1, 2, 3, 40, 60, 100, 120} { // the answer has 129
			disarm := b.srv.Inject(
				fault.CutAfter(n, fault.Upgrades().Nth(1)),
				fault.CutAfter(n, fault.Pongs()),
			)
			c, err := b.listen.Dial(b.Context(), "", "")
			if err != nil {
				b.Fatal(err)
			}
			u := "GET /dwp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
			if _, err := io.WriteString(c, u); err != nil {
				b.Fatal(err)
			}
			if answer := arriving(c); answer != n {
				b.Errorf("%d bytes of the answer arrived, want %d", answer, n)
			}

			p := b.login(format)
			received := p.received.Load()
			ping, err := format.Append(nil, &wire.Frame{ID: "ping", Type: wire.TypePing, TS: time.Now()})
			if err != nil {
				b.Fatal(err)
			}
			for range 4 { // each pong has some 100 bytes of JSON, or 60 of msgpack
				// It fails once the connection is cut.
				_ = ws.WriteFrame(p.net, ws.MaskFrame(ws.NewFrame(ws.OpBinary, true, ping)))
			}
			for p.next() != nil {
			}
			if got := p.received.Load() - received; got != int64(n) {
				b.Errorf("%d bytes arrived, want %d", got, n)
			}
			disarm()
		}
	})
}

// arriving counts what a connection brings until it ends.
func arriving(c net.Conn) int {
	defer c.Close()
	n, _ := io.Copy(io.Discard, c)
	return int(n)
}

func TestACutRequestIsNotServed(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(fault.CutAfter(30, fault.Requests("job.enqueue").Nth(1)), fault.Cut(fault.Requests("job.enqueue").Nth(2)))
		for range 2 {
			p := b.login(format)
			p.send(&wire.Frame{Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": "x", "payload": 1})})
			b.ended(p, 0)
		}
		if done := b.srv.Journal(); len(done) > 0 {
			b.Errorf("the server did %+v", done)
		}
	})
}

func TestACloseFrameMayHaveNoCode(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		before := p.received.Load()
		b.srv.Inject(fault.CloseWith(0, "", fault.Requests("stats")))
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
		b.ended(p, 0)
		if n := p.received.Load() - before; n != 2 { // the header of a frame that has nothing else
			b.Errorf("%d bytes came", n)
		}
	})
}

// TestACutAddsToWhatElseActs has another fault act at the same frame.
func TestACutAddsToWhatElseActs(t *testing.T) {
	for name, test := range map[string]struct {
		other fault.Fault
		cut   int
		bytes int64 // that come
	}{
		"to a frame that is dropped":   {fault.Drop(fault.Replies("stats")), 0, 0},
		"to a frame that is held back": {fault.Reorder(fault.Replies("stats")), 0, 0},
		"to garbage":                   {fault.Garbage([]byte("nonsense"), fault.Replies("stats")), 5, 5},
		"to bytes":                     {fault.RawBytes([]byte("nonsense"), fault.Replies("stats")), 5, 5},
		"to a close frame":             {fault.CloseWith(1012, "restart", fault.Replies("stats")), 1, 1},
		"to a refusal":                 {fault.Refuse(500, "no", fault.Replies("stats")), 7, 7},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(b *bubble, format wire.Format) {
				p := b.login(format)
				before := p.received.Load()
				b.srv.Inject(fault.CutAfter(test.cut, fault.Replies("stats")), test.other)
				p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
				b.ended(p, 0)
				if n := p.received.Load() - before; n != test.bytes {
					b.Errorf("%d bytes came, want %d", n, test.bytes)
				}
			})
		})
	}
}
