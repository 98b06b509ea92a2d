package devserver_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// peer is a client that sends only what a test asks for.
type peer struct {
	t      *testing.T
	net    net.Conn
	format wire.Format
	frames chan *wire.Frame // what the server sent; closed when the connection ends
	sent   int

	received atomic.Int64 // bytes
	// Set before frames is closed.
	end       error
	closeCode ws.StatusCode // of the close frame, 0 without one
}

// start makes a server on loopback, which ends with the test.
func start(t *testing.T, opts ...devserver.Option) *devserver.Server {
	t.Helper()
	srv := devserver.New(opts...)
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv
}

// serveInMemory serves on in-memory connections until the test ends.
func serveInMemory(t *testing.T, srv *devserver.Server) *memnet.Listener {
	l := memnet.Listen(0)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l
}

func newPeer(t *testing.T, c net.Conn, r *bufio.Reader) *peer {
	if r == nil {
		r = bufio.NewReader(c)
	}
	p := &peer{t: t, net: c, format: wire.FormatJSON, frames: make(chan *wire.Frame, 100_000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.read(counting{r, &p.received})
	}()
	t.Cleanup(func() { c.Close(); <-done })
	return p
}

// login authenticates and goes on in the format.
func (p *peer) login(token string, format wire.Format) {
	p.t.Helper()
	p.send(&wire.Frame{Type: wire.TypeRequest, Method: "auth", Token: token, Data: raw(p.t, &wire.AuthRequest{Token: token, Format: format})})
	reply := p.next()
	if reply.Type != wire.TypeResponse {
		p.t.Fatalf("auth was answered with %+v", reply)
	}
	p.format = format
}

type counting struct {
	io.Reader
	n *atomic.Int64
}

func (c counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// read decodes frames in whatever format they are: msgpack begins with a byte that JSON cannot.
func (p *peer) read(r io.Reader) {
	defer close(p.frames)
	in := websock.NewReader(r, websock.Options{Side: ws.StateClientSide, Control: p.control})
	for {
		op, message, err := in.Next()
		if err != nil {
			p.end = err
			return
		}
		if op != ws.OpText {
			p.t.Errorf("the server sent opcode %v", op)
		}
		format := wire.FormatMsgpack
		if len(message) > 0 && message[0] == '{' {
			format = wire.FormatJSON
		}
		fr := new(wire.Frame)
		if err := format.Decode(message, fr); err != nil {
			fr = &wire.Frame{Method: "garbage", Data: message}
		}
		p.frames <- fr
	}
}

func (p *peer) control(op ws.OpCode, payload []byte) error {
	switch op {
	case ws.OpClose:
		p.closeCode, _ = ws.ParseCloseFrameData(payload)
	case ws.OpPong:
		p.frames <- &wire.Frame{Method: "websocket pong", Data: bytes.Clone(payload)}
	default:
		p.t.Errorf("the server sent opcode %v", op)
	}
	return nil
}

// send writes a frame, which gets an id if it has none, and returns the id.
func (p *peer) send(fr *wire.Frame) string {
	p.t.Helper()
	p.sent++
	if fr.ID == "" {
		fr.ID = "req-" + strconv.Itoa(p.sent)
	}
	if fr.TS.IsZero() {
		fr.TS = time.Now()
	}
	message, err := p.format.Append(nil, fr)
	if err != nil {
		p.t.Fatal(err)
	}
	op := ws.OpText
	if p.format == wire.FormatMsgpack {
		op = ws.OpBinary
	}
	p.write(op, message)
	return fr.ID
}

func (p *peer) write(op ws.OpCode, message []byte) {
	p.t.Helper()
	if _, err := p.net.Write(websock.Append(nil, ws.StateClientSide, op, message)); err != nil {
		p.t.Fatal(err)
	}
}

// next returns the next frame; nil if the connection has ended.
func (p *peer) next() *wire.Frame {
	p.t.Helper()
	select {
	case fr := <-p.frames:
		return fr
	case <-p.t.Context().Done():
		p.t.Fatal("the test ended before a frame came")
		return nil
	}
}

// ask sends a request and returns its reply; events that come before it are
// returned too.
func (p *peer) ask(method string, data any) (reply *wire.Frame, events []*wire.Frame) {
	p.t.Helper()
	fr := &wire.Frame{Type: wire.TypeRequest, Method: method}
	if data != nil {
		fr.Data = raw(p.t, data)
	}
	id := p.send(fr)
	for {
		fr := p.next()
		switch {
		case fr == nil:
			p.t.Fatalf("%s: the connection ended: %v", method, p.end)
		case fr.CorrelID == id:
			return fr, events
		}
		events = append(events, fr)
	}
}

// must asks and returns the result.
func must[R any](p *peer, method string, data any) (result R) {
	p.t.Helper()
	reply, _ := p.ask(method, data)
	if reply.Error != nil {
		p.t.Fatalf("%s: %d %s", method, reply.Error.Code, reply.Error.Message)
	}
	if err := json.Unmarshal(reply.Data, &result); err != nil {
		p.t.Fatal(err)
	}
	return result
}

// event returns the next event.
func (p *peer) event() wire.EventEnvelope {
	p.t.Helper()
	fr := p.next()
	if fr == nil || fr.Type != wire.TypeEvent {
		p.t.Fatalf("want an event, got %+v", fr)
	}
	var ev wire.EventEnvelope
	if err := json.Unmarshal(fr.Data, &ev); err != nil {
		p.t.Fatal(err)
	}
	return ev
}

func raw(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type (
	object   = map[string]any
	jsonText = json.RawMessage
)
