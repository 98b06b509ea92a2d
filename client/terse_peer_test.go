package client_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// tersePeer is a server over loopback TCP that allocates nothing once a client is connected: what a
// benchmark or a test counts is the client's. It answers every request with the same data.
type tersePeer struct {
	t      testing.TB
	format wire.Format
	conn   net.Conn
	in     *bufio.Reader
	reply  [2][]byte // the reply to any request, before and after the request's ID
	out    []byte
	events []byte // some events, ready to be written
}

// eventsTogether is how many events push writes.
const eventsTogether = 64

// dialTerse connects a client to a tersePeer.
func dialTerse(t testing.TB, format string) (*client.Client, *tersePeer) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := &tersePeer{t: t, format: wire.Format(format)}
	p.prepare()
	ended := make(chan struct{})
	welcomed := make(chan struct{})
	go func() {
		defer close(ended)
		p.serve(l, welcomed)
	}()
	c, err := client.DialContext(t.Context(), "ws://"+l.Addr().String(), client.WithToken("secret-token"), client.WithFormat(format))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		<-ended
	})
	<-welcomed
	return c, p
}

// prepare encodes what is sent.
func (p *tersePeer) prepare() {
	encode := func(fr wire.Frame) []byte {
		fr.TS = benchTime
		b, err := p.format.Append(nil, &fr)
		if err != nil {
			p.t.Fatal(err)
		}
		return b
	}
	const id = "the-id"
	whole := encode(wire.Frame{
		ID: "srv-1", Type: wire.TypeResponse, CorrelID: id,
		Data: json.RawMessage(`{"job_id":"job_1","queue":"critical","state":"pending","channel":"firehose","status":"subscribed"}`),
	})
	before, after, found := bytes.Cut(whole, []byte(id))
	if !found {
		p.t.Fatalf("no %s in %q", id, whole)
	}
	if p.format == wire.FormatMsgpack {
		before = before[:len(before)-1] // without the length
	}
	p.reply = [2][]byte{before, after}
	event := encode(wire.Frame{
		ID: "srv-2", Type: wire.TypeEvent, Channel: client.ChannelFirehose,
		Data: json.RawMessage(`{"type":"job.completed","ts":"2026-11-23T14:29:34.140086815Z","topic":"job:job_1",` +
			`"data":{"job_id":"job_01m84czv9we1k8kcq2k2yn10mt","job_name":"send-email","queue":"critical","elapsed_ms":42}}`),
	})
	for range eventsTogether {
		p.events = websock.Append(p.events, ws.StateServerSide, ws.OpText, event)
	}
}

func (p *tersePeer) serve(l net.Listener, welcomed chan<- struct{}) {
	conn, err := l.Accept()
	if err != nil {
		p.t.Error(err)
		return
	}
	defer conn.Close()
	if _, err := ws.Upgrade(conn); err != nil {
		p.t.Error(err)
		return
	}
	p.conn, p.in = conn, bufio.NewReaderSize(conn, 64<<10)
	auth, ok := p.next()
	if !ok {
		p.t.Error("no auth")
		return
	}
	var fr wire.Frame
	if err := wire.FormatJSON.Decode(auth, &fr); err != nil {
		p.t.Error(err)
		return
	}
	welcome, err := p.format.Append(nil, &wire.Frame{
		ID: "srv-0", Type: wire.TypeResponse, CorrelID: fr.ID, TS: benchTime,
		Data: encode(wire.AuthResult{Format: p.format, SessionID: "ws_1"}),
	})
	if err != nil {
		p.t.Error(err)
		return
	}
	p.write(websock.Append(nil, ws.StateServerSide, ws.OpText, welcome))
	close(welcomed)
	for {
		message, ok := p.next()
		if !ok {
			return
		}
		p.answer(message)
		if p.in.Buffered() == 0 {
			p.write(p.out)
			p.out = p.out[:0]
		}
	}
}

// next returns the payload of the next frame, of up to 64 KiB; ok is false after a close frame.
func (p *tersePeer) next() (payload []byte, ok bool) {
	head, err := p.in.Peek(2)
	if err != nil {
		return nil, false
	}
	op, size, n := ws.OpCode(head[0]&0x0f), 2, int(head[1]&0x7f)
	if n == 126 {
		if head, err = p.in.Peek(4); err != nil {
			return nil, false
		}
		size, n = 4, int(binary.BigEndian.Uint16(head[2:]))
	}
	frame, err := p.in.Peek(size + 4 + n)
	if err != nil || op == ws.OpClose {
		return nil, false
	}
	payload = frame[size+4:]
	ws.Cipher(payload, [4]byte(frame[size:]), 0)
	_, err = p.in.Discard(len(frame))
	return payload, err == nil
}

var (
	idInJSON    = []byte(`"id":"`)
	idInMsgpack = []byte("\xa2id")
)

// answer adds the reply to a message, unless it is no request: a grant of credits.
func (p *tersePeer) answer(message []byte) {
	if bytes.Contains(message[:min(len(message), 200)], []byte("credits")) {
		return
	}
	start := len(p.out)
	p.out = append(websock.Reserve(p.out), p.reply[0]...)
	if p.format == wire.FormatMsgpack {
		_, rest, _ := bytes.Cut(message, idInMsgpack)
		p.out = append(p.out, rest[:1+rest[0]&0x1f]...) // the length and the ID
	} else {
		_, rest, _ := bytes.Cut(message, idInJSON)
		p.out = append(p.out, rest[:bytes.IndexByte(rest, '"')]...)
	}
	p.out = append(p.out, p.reply[1]...)
	p.out = websock.Seal(p.out, start, ws.StateServerSide, ws.OpText)
}

// push writes the events. It is not to be called while a request is under way.
func (p *tersePeer) push() { p.write(p.events) }

func (p *tersePeer) write(b []byte) {
	if _, err := p.conn.Write(b); err != nil && !errors.Is(err, net.ErrClosed) {
		p.t.Error(err)
	}
}
