package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/leak"
	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

func TestMain(m *testing.M) { leak.Check(m) }

// formats are what every promise that concerns frames is tested in.
var formats = []string{"json", "msgpack"}

// peer is a scripted server: it upgrades and authenticates like a real one and leaves the rest to a
// handler.
type peer struct {
	t      testing.TB
	l      *memnet.Listener
	handle func(*peerConn, *wire.Frame) // of frames after auth; by default polite
	// takes a fresh connection over before the upgrade, if it returns false
	admit  func(*peerConn) bool
	auth   func(*peerConn, *wire.Frame) // answers auth; by default welcome
	client *client.Client               // for a handler that closes it
	main   *peerConn                    // see renewing
	lanes  bool                         // there may be other connections than the main one
	serve  sync.WaitGroup

	stopped chan struct{}
	stopOne sync.Once

	mu       sync.Mutex
	dials    int
	conns    []*peerConn
	methods  []string       // of the requests handled, in order
	enqueued map[string]int // job name -> how often
}

// peerConn is a connection as the peer sees it.
type peerConn struct {
	*memnet.Conn
	p      *peer
	n      int // 1 for the first of its peer
	format wire.Format
	in     *websock.Reader
	onPong func(payload []byte) // nil for nothing
	write  sync.Mutex
	gone   chan struct{} // closed when the client has gone
	leave  sync.Once
	inbox  chan *wire.Frame

	controls  atomic.Int64 // WebSocket control frames received, the close frame aside
	closeCode atomic.Int64 // the code of the close frame received
}

// newPeer starts a peer. Options are set on the result before the first dial.
func newPeer(t testing.TB) *peer {
	p := &peer{
		t: t, l: memnet.Listen(0), handle: (*peerConn).polite, auth: (*peerConn).welcome, stopped: make(chan struct{}),
		enqueued: make(map[string]int),
	}
	p.serve.Go(func() {
		for {
			conn, err := p.l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			c := &peerConn{
				Conn: conn.(*memnet.Conn), p: p, n: len(p.conns) + 1, format: wire.FormatJSON,
				gone: make(chan struct{}), inbox: make(chan *wire.Frame, 1<<12),
			}
			c.in = websock.NewReader(c, websock.Options{Side: ws.StateServerSide, BufferSize: 4 << 10, Control: c.control})
			p.conns = append(p.conns, c)
			p.mu.Unlock()
			p.serve.Go(c.run)
		}
	})
	t.Cleanup(p.stop)
	return p
}

func (p *peer) stop() {
	p.stopOne.Do(func() { close(p.stopped) })
	p.l.Close()
	p.mu.Lock()
	for _, c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.serve.Wait()
}

// dial dials the peer and closes the client with the test.
func (p *peer) dial(opts ...client.Option) *client.Client {
	p.t.Helper()
	c, err := p.tryDial(context.Background(), opts...)
	if err != nil {
		p.t.Fatalf("DialContext: %v", err)
	}
	return c
}

func (p *peer) tryDial(ctx context.Context, opts ...client.Option) (*client.Client, error) {
	all := append([]client.Option{client.WithToken("secret-token"), client.WithDialContext(p.l.Dial)}, opts...)
	c, err := client.DialContext(ctx, "ws://peer.test/dwp", all...)
	if err == nil {
		p.t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// conn returns the n-th connection, from 1.
func (p *peer) conn(n int) *peerConn {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > len(p.conns) {
		p.t.Fatalf("connection %d of %d", n, len(p.conns))
	}
	return p.conns[n-1]
}

// hangFromSecond is a dial function that hangs from its second call on, whatever its ctx says,
// until the peer stops.
func (p *peer) hangFromSecond(ctx context.Context, network, addr string) (net.Conn, error) {
	p.mu.Lock()
	p.dials++
	n := p.dials
	p.mu.Unlock()
	if n > 1 {
		<-p.stopped
		return nil, net.ErrClosed
	}
	return p.l.Dial(ctx, network, addr)
}

func (p *peer) closeClient() { p.client.Close() }

func (p *peer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns)
}

// seen returns the methods of the requests handled.
func (p *peer) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.methods...)
}

func (c *peerConn) run() {
	defer c.leave.Do(func() { close(c.gone) })
	defer c.Close()
	if c.p.admit != nil && !c.p.admit(c) {
		return
	}
	if _, err := ws.Upgrade(c); err != nil {
		return
	}
	c.converse()
}

// converse authenticates and handles frames on an upgraded connection until the client has gone.
func (c *peerConn) converse() {
	fr, err := c.next()
	if err != nil {
		return
	}
	c.p.auth(c, fr)
	c.p.serve.Go(c.work)
	defer close(c.inbox)
	for {
		fr, err := c.next()
		if err != nil {
			return
		}
		c.inbox <- fr
	}
}

// work handles the frames one after another, while run goes on to notice when the client has gone.
func (c *peerConn) work() {
	for fr := range c.inbox {
		if fr.Type == wire.TypeRequest {
			c.p.mu.Lock()
			c.p.methods = append(c.p.methods, fr.Method)
			c.p.mu.Unlock()
		}
		c.p.handle(c, fr)
	}
}

func (c *peerConn) isGone() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// next reads a frame.
func (c *peerConn) next() (*wire.Frame, error) {
	_, message, err := c.in.Next()
	if err != nil {
		return nil, err
	}
	fr := new(wire.Frame)
	if err := c.format.Decode(message, fr); err != nil {
		c.p.t.Errorf("the client sent %q: %v", message, err)
		return nil, err
	}
	return fr, nil
}

// control takes note of a WebSocket control frame. A close frame ends the conversation.
func (c *peerConn) control(op ws.OpCode, payload []byte) error {
	if op == ws.OpClose {
		code, _ := ws.ParseCloseFrameData(payload)
		c.closeCode.Store(int64(code))
		return io.EOF
	}
	c.controls.Add(1)
	if op == ws.OpPong && c.onPong != nil {
		c.onPong(payload)
	}
	return nil
}

// welcome confirms the session in the format asked for.
func (c *peerConn) welcome(fr *wire.Frame) {
	var req wire.AuthRequest
	if err := json.Unmarshal(fr.Data, &req); err != nil {
		c.p.t.Errorf("auth data %s: %v", fr.Data, err)
	}
	if req.Format != "" {
		c.format = req.Format
	}
	c.reply(fr, wire.AuthResult{Format: c.format, SessionID: fmt.Sprintf("ws_%d", c.n)})
}

// polite answers as a real server does, as far as one can without memory.
func (c *peerConn) polite(fr *wire.Frame) {
	switch {
	case fr.Type == wire.TypePing:
		c.send(&wire.Frame{Type: wire.TypePong, CorrelID: fr.ID, TS: fr.TS})
	case fr.Type != wire.TypeRequest:
	case fr.Method == client.MethodSubscribe:
		c.reply(fr, map[string]string{"channel": field(fr, "channel"), "status": "subscribed"})
	case fr.Method == client.MethodUnsubscribe:
		c.reply(fr, map[string]string{"channel": field(fr, "channel"), "status": "unsubscribed"})
	case fr.Method == client.MethodJobEnqueue:
		c.p.mu.Lock()
		c.p.enqueued[field(fr, "name")]++
		c.p.mu.Unlock()
		c.reply(fr, map[string]string{"job_id": "job_1", "queue": "default", "state": "pending"})
	case fr.Method == client.MethodJobGet:
		c.reply(fr, map[string]string{"id": field(fr, "job_id"), "name": "n", "state": "completed"})
	case fr.Method == client.MethodJobCancel:
		c.reply(fr, map[string]string{"status": "cancelled"})
	case fr.Method == client.MethodWorkflowStart:
		c.reply(fr, map[string]string{"run_id": "wfrun_1", "name": field(fr, "name"), "state": "completed"})
	case fr.Method == client.MethodWorkflowGet:
		c.reply(fr, map[string]string{"id": field(fr, "run_id"), "name": "w", "state": "running"})
	case fr.Method == client.MethodWorkflowEvent:
		c.reply(fr, map[string]string{"event_id": "evt_1", "name": field(fr, "name")})
	case fr.Method == client.MethodWorkflowTimeline:
		c.reply(fr, []map[string]string{{"step_name": "s", "created_at": "2026-11-23T14:29:34Z"}})
	case fr.Method == client.MethodStats:
		c.reply(fr, map[string]any{"broker": map[string]int{"topic_count": 1}, "connections": 0})
	default:
		c.refuse(fr, 405, "unknown method")
	}
}

// field returns a string member of a frame's data.
func field(fr *wire.Frame, name string) string {
	var members map[string]any
	json.Unmarshal(fr.Data, &members)
	s, _ := members[name].(string)
	return s
}

func (c *peerConn) reply(req *wire.Frame, data any) {
	c.send(&wire.Frame{Type: wire.TypeResponse, CorrelID: req.ID, Data: encode(data)})
}

func (c *peerConn) refuse(req *wire.Frame, code int, message string) {
	c.send(&wire.Frame{Type: wire.TypeError, CorrelID: req.ID, Error: &wire.ErrorDetail{Code: uint32(code), Message: message}})
}

// event sends an event whose payload has the given members.
func (c *peerConn) event(eventType client.EventType, topic string, payload any) {
	env := map[string]any{"type": eventType, "ts": time.Now(), "data": payload}
	if topic != "" {
		env["topic"] = topic
	}
	c.send(&wire.Frame{Type: wire.TypeEvent, Channel: topic, Data: encode(env)})
}

func (c *peerConn) send(fr *wire.Frame) {
	if fr.ID == "" {
		fr.ID = "srv-1"
	}
	if fr.TS.IsZero() {
		fr.TS = time.Now()
	}
	data, err := c.format.Append(nil, fr)
	if err != nil {
		c.p.t.Errorf("encode a frame: %v", err)
		return
	}
	c.raw(ws.NewTextFrame(data))
}

// raw sends a WebSocket frame as it is.
func (c *peerConn) raw(f ws.Frame) {
	c.write.Lock()
	defer c.write.Unlock()
	b, err := ws.CompileFrame(f)
	if err != nil {
		c.p.t.Errorf("compile a frame: %v", err)
	}
	c.Write(b)
}

// flood sends events until the client has gone.
func (c *peerConn) flood() {
	for ; !c.isGone(); time.Sleep(time.Millisecond) {
		c.numbered(1, 1)
	}
}

func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// bubble runs a test of fake time, once for each format.
func bubble(t *testing.T, f func(t *testing.T, format client.Option)) {
	t.Helper()
	t.Parallel()
	for _, name := range formats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { f(t, client.WithFormat(name)) })
		})
	}
}

// next pulls an event and fails the test if there is none.
func next(t *testing.T, sub *client.Subscription) *client.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ev, err := sub.Next(ctx)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	return ev
}

// silent is a handler that answers nothing.
func silent(*peerConn, *wire.Frame) {}

var errTest = errors.New("a test's")

var _ net.Conn = (*memnet.Conn)(nil)
