// Package stub is a server of the protocol that costs next to nothing, so that the client is what
// is measured. It looks for the few members that it needs without decoding, answers with prepared
// text, and writes in batches.
package stub

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/gobwas/ws"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// Server is a stub server.
type Server struct {
	Calls atomic.Int64 // requests to enqueue that were answered

	work work.Work
}

// Serve serves until the listener is closed.
func Serve(l net.Listener, w work.Work) *Server {
	s := &Server{work: w}
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				err := s.serve(nc)
				if err = errors.Join(err, nc.Close()); err != nil && !hungUp(err) {
					log.Print("stub: ", err)
				}
			}()
		}
	}()
	return s
}

// hungUp reports whether an error is that of a client that has closed its connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

var (
	keyID      = dwp.NewKey("id")
	keyMethod  = dwp.NewKey("method")
	keyType    = dwp.NewKey("type")
	keyChannel = dwp.NewKey("channel")
	keyFormat  = dwp.NewKey("format")
	keyQueue   = dwp.NewKey("queue")
)

// session is one connection.
type session struct {
	*Server
	conn     *dwp.Conn
	nc       net.Conn
	format   string
	replies  uint64
	topics   []string
	data     []byte // of a reply
	out      []byte // a reply
	finished chan struct{}
}

func (s *Server) serve(nc net.Conn) error {
	if _, err := ws.Upgrade(nc); err != nil {
		return err
	}
	p := &session{Server: s, nc: nc, conn: dwp.NewConn(nc, bufio.NewReader(nc), false), finished: make(chan struct{})}
	defer close(p.finished)
	auth, err := p.conn.Next()
	if err != nil {
		return err
	}
	if string(keyMethod.First(auth, dwp.JSON)) != "auth" {
		return fmt.Errorf("the first message is %.200q", auth)
	}
	p.format = strings.Clone(string(keyFormat.First(auth, dwp.JSON)))
	p.data = fmt.Appendf(nil, `{"format":%q,"session_id":"ws_1"}`, p.format)
	if err := p.reply(keyID.First(auth, dwp.JSON)); err != nil {
		return err
	}
	for {
		message, err := p.conn.Next()
		if err != nil {
			return err
		}
		if err := p.handle(message); err != nil {
			return err
		}
	}
}

func (p *session) handle(message []byte) error {
	head := message[:min(len(message), 512)]
	id := keyID.First(head, p.format)
	switch method := keyMethod.First(head, p.format); string(method) {
	case "job.enqueue":
		p.data = dwp.AppendReceipt(p.data[:0], p.replies, keyQueue.Last(message))
		p.Calls.Add(1)
		return p.reply(id)
	case "subscribe":
		return p.subscribe(id, string(keyChannel.Last(message)))
	case "":
		if string(keyType.First(head, p.format)) == "ping" {
			return p.conn.Send(ws.OpText, dwp.Encode(dwp.Frame{Type: "pong", CorrelationID: string(id)}, p.format))
		}
		return nil // credits: events go out without
	default:
		p.data = append(p.data[:0], "{}"...)
		return p.reply(id)
	}
}

func (p *session) reply(id []byte) error {
	p.replies++
	p.out = dwp.AppendReply(p.out[:0], p.format, p.replies, id, p.data)
	return p.conn.Send(ws.OpText, p.out)
}
