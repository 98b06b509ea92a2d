package devserver

import (
	"slices"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// Match says at which moments a [Fault] acts: at which frames, or at which upgrades. The
// functions that make one say the kind; its methods narrow it down and return the narrower one:
//
//	devserver.Replies(client.MethodJobEnqueue).Nth(2)
//	devserver.Events().After(100).Conn(1)
//
// What is counted is what matches but for Nth, After, First and Every, on all
// connections together unless [Match.PerConn] says otherwise, from the time of [Server.Inject].
type Match struct {
	kind    func(*moment) bool
	where   func(*Frame) bool
	conn    int  // 0 for any
	perConn bool // count on each connection
	after   int
	first   int // 0 for no limit
	every   int // 0 and 1 are every one
}

// Upgrades matches the HTTP request that begins a connection.
func Upgrades() Match {
	return Match{kind: func(m *moment) bool { return m.frame == nil }}
}

// Frames matches every frame that goes in a direction.
func Frames(dir Direction) Match {
	return Match{kind: func(m *moment) bool { return m.frame != nil && m.dir == dir }}
}

// Requests matches the requests of these methods; of every method without any.
func Requests(methods ...string) Match {
	return Match{kind: func(m *moment) bool {
		return m.dir == Inbound && m.frame != nil && m.frame.Type == wire.TypeRequest && (len(methods) == 0 || slices.Contains(methods, m.method))
	}}
}

// Replies matches the responses and errors that answer requests of these methods; of
// every method without any.
func Replies(methods ...string) Match {
	return Match{kind: func(m *moment) bool {
		return m.dir == Outbound && (m.frame.Type == wire.TypeResponse || m.frame.Type == wire.TypeError) && (len(methods) == 0 || slices.Contains(methods, m.method))
	}}
}

// Events matches the events of these types; of every type without any.
func Events(types ...client.EventType) Match {
	return Match{kind: func(m *moment) bool {
		return m.dir == Outbound && m.frame.Type == wire.TypeEvent && (len(types) == 0 || slices.Contains(types, m.event))
	}}
}

// Pings matches the protocol's pings, which come from the client.
func Pings() Match { return ofType(Inbound, wire.TypePing) }

// Pongs matches the answers to pings.
func Pongs() Match { return ofType(Outbound, wire.TypePong) }

// Grants matches the frames by which the client grants credits.
func Grants() Match {
	return Match{kind: func(m *moment) bool { return m.dir == Inbound && m.frame != nil && m.frame.Credits > 0 }}
}

func ofType(dir Direction, t wire.FrameType) Match {
	return Match{kind: func(m *moment) bool { return m.dir == dir && m.frame != nil && m.frame.Type == t }}
}

// Where matches only frames for which f is true. f runs on the connection's goroutine and keeps nothing.
func (m Match) Where(f func(*Frame) bool) Match {
	if before := m.where; before != nil {
		m.where = func(fr *Frame) bool { return before(fr) && f(fr) }
	} else {
		m.where = f
	}
	return m
}

// Conn matches only on one connection: the nth, from 1, that was asked for.
func (m Match) Conn(n int) Match {
	m.conn = n
	return m
}

// PerConn counts on each connection for itself.
func (m Match) PerConn() Match {
	m.perConn = true
	return m
}

// After leaves out the first n.
func (m Match) After(n int) Match {
	m.after = n
	return m
}

// First ends after n; with [Match.After], after n beyond those left out.
func (m Match) First(n int) Match {
	m.first = n
	return m
}

// Nth matches the nth only, from 1.
func (m Match) Nth(n int) Match { return m.After(n - 1).First(1) }

// Every matches every nth only, beginning with the nth.
func (m Match) Every(n int) Match {
	m.every = n
	return m
}

// covers reports whether a moment is of this kind, whatever its number.
func (m *Match) covers(at *moment) bool {
	return m.kind != nil && (m.conn == 0 || m.conn == at.conn.number) && m.kind(at) &&
		(m.where == nil || at.frame != nil && m.where(at.frame))
}

// wants reports whether the nth moment that is covered is one to act at.
func (m *Match) wants(n int) bool {
	n -= m.after
	if m.every > 1 {
		if n%m.every != 0 {
			return false
		}
		n /= m.every
	}
	return n > 0 && (m.first == 0 || n <= m.first)
}
