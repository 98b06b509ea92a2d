package devserver

import (
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
)

// A Fault makes the server misbehave at the moments that its [Match] says. A test arms
// faults with [Server.Inject]:
//
//	srv.Inject(
//		devserver.Refuse(503, "busy", devserver.Upgrades().First(2)),
//		devserver.CutAfter(20, devserver.Replies(client.MethodJobEnqueue).Nth(1)),
//		devserver.Delay(time.Second, devserver.Frames(devserver.Outbound)),
//		devserver.Drop(devserver.Events().Every(10)),
//	)
//
// When several act at one moment, their effects add up, in the order in which they were armed.
type Fault struct {
	match Match
	act   func(*moment)
}

// moment is a frame on its way in or out, or an upgrade, and what the faults want
// done with it.
type moment struct {
	conn   *conn
	dir    Direction
	frame  *Frame           // nil at an upgrade
	method string           // of the request, or of the request that is answered
	event  client.EventType // of an event

	delay    time.Duration
	copies   int // how often it is passed on
	hold     bool
	refusal  error
	upgrade  *upgradeRefusal
	message  []byte // sent in place of the frame, if garbage
	garbage  bool
	raw      bool // message is not put into a WebSocket frame
	altered  bool // the frame is no longer what the server meant
	cut      int  // bytes until the cut, -1 for none
	closing  []byte
	halfOpen bool
	readRate int // bytes a second, -1 for no limit
	calls    []func()
}

// armed is a fault and what it has seen.
type armed struct {
	Fault
	seen map[int]int // by connection, or under 0
}

// faults is what is armed.
type faults struct {
	mu   sync.Mutex
	list []*armed
}

// Inject arms faults, for the connections that are open as well. They act until disarm is
// called, or as long as their matches last.
func (s *Server) Inject(list ...Fault) (disarm func()) {
	mine := map[*armed]bool{}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, f := range list {
		a := &armed{Fault: f, seen: map[int]int{}}
		mine[a] = true
		s.faults.list = append(s.faults.list, a)
	}
	return func() {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		var left []*armed // a new list: the old one may be in use
		for _, a := range s.faults.list {
			if !mine[a] {
				left = append(left, a)
			}
		}
		s.faults.list = left
	}
}

// at asks the faults about a moment. It returns nil if none of them acts.
func (f *faults) at(m moment) *moment {
	f.mu.Lock()
	var acting []*armed
	for _, a := range f.list {
		if !a.match.covers(&m) {
			continue
		}
		key := 0
		if a.match.perConn {
			key = m.conn.number
		}
		a.seen[key]++
		if a.match.wants(a.seen[key]) {
			acting = append(acting, a)
		}
	}
	f.mu.Unlock()
	if acting == nil {
		return nil
	}
	m.copies, m.cut, m.readRate = 1, -1, -1
	if m.frame != nil {
		own := *m.frame
		m.frame = &own // what a fault alters is not what others are sent
	}
	for _, a := range acting {
		a.act(&m)
	}
	return &m
}

// wait lets a moment's delay pass, unless the connection ends.
func (m *moment) wait() {
	if m.delay <= 0 {
		return
	}
	t := time.NewTimer(m.delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-m.conn.done:
	}
}

// affect does what concerns the connection and not the single frame.
func (m *moment) affect() {
	if m.readRate >= 0 {
		m.conn.link.readRate.Store(int64(m.readRate))
	}
	if m.halfOpen {
		m.conn.link.mute.Store(true)
	}
	for _, call := range m.calls {
		call()
	}
}

// closeBody is the payload of a close frame.
func closeBody(code int, reason string) []byte {
	if code == 0 {
		return []byte{}
	}
	return ws.NewCloseFrameBody(ws.StatusCode(code), reason)
}
