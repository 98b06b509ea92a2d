package fault

import (
	"slices"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// Match selects the points at which a [Fault] acts: frames or upgrades. The zero Match selects all
// of them. The functions that return a Match select a kind; its methods return a narrower Match:
//
//	fault.Replies(client.MethodJobEnqueue).Nth(2)
//	fault.Events().Skip(100).Conn(1)
//
// Nth, Skip, First and Every count the points that everything else in the match selects and where
// the fault can act, from the time at which the fault is injected, on all connections together
// unless [Match.PerConn] says otherwise. A Match is immutable.
type Match struct {
	what    what
	names   []string // methods or event types, none for all
	where   func(*Frame) bool
	conn    int  // 0 for any
	perConn bool // count on each connection
	skip    int
	first   int // 0 for no limit
	every   int // 0 for every one
}

// Point is a fault point, which a [Match] selects or not: a frame on its way in or out, or an
// upgrade. Servers make it.
type Point struct {
	Conn    int // the number of the connection, from 1
	Inbound bool
	Frame   *Frame           // nil at an upgrade
	Method  string           // of the request, or of the request that is answered
	Event   client.EventType // of an event
}

// what is a kind of fault points, as in the text form.
type what string

const (
	whatAll      what = ""
	whatUpgrades what = "upgrades"
	whatIn       what = "in"
	whatOut      what = "out"
	whatRequests what = "requests"
	whatReplies  what = "replies"
	whatEvents   what = "events"
	whatPings    what = "pings"
	whatPongs    what = "pongs"
	whatGrants   what = "grants"
)

// whats says which points each kind selects, regardless of the method or event type.
var whats = map[what]func(Point) bool{
	whatAll:      anywhere,
	whatUpgrades: atUpgrades,
	whatIn:       func(at Point) bool { return at.Frame != nil && at.Inbound },
	whatOut:      atOutbound,
	whatRequests: func(at Point) bool { return at.is(true, wire.TypeRequest) },
	whatReplies:  func(at Point) bool { return at.is(false, wire.TypeResponse) || at.is(false, wire.TypeError) },
	whatEvents:   func(at Point) bool { return at.is(false, wire.TypeEvent) },
	whatPings:    func(at Point) bool { return at.is(true, wire.TypePing) },
	whatPongs:    func(at Point) bool { return at.is(false, wire.TypePong) },
	whatGrants:   func(at Point) bool { return at.Frame != nil && at.Inbound && at.Frame.Credits > 0 },
}

func (m Point) is(inbound bool, t wire.FrameType) bool {
	return m.Frame != nil && m.Inbound == inbound && m.Frame.Type == string(t)
}

// Upgrades matches the HTTP request that starts a connection.
func Upgrades() Match { return Match{what: whatUpgrades} }

// Inbound matches every frame that comes from the client.
func Inbound() Match { return Match{what: whatIn} }

// Outbound matches every frame that goes to the client.
func Outbound() Match { return Match{what: whatOut} }

// Requests matches the requests of these methods, or of all methods without arguments.
func Requests(methods ...string) Match {
	return Match{what: whatRequests, names: slices.Clone(methods)}
}

// Replies matches the responses and errors that answer requests of these methods, or of all methods
// without arguments.
func Replies(methods ...string) Match {
	return Match{what: whatReplies, names: slices.Clone(methods)}
}

// Events matches the events of these types, or of all types without arguments.
func Events(types ...client.EventType) Match {
	m := Match{what: whatEvents}
	for _, t := range types {
		m.names = append(m.names, string(t))
	}
	return m
}

// Pings matches the protocol's pings, which come from the client.
func Pings() Match { return Match{what: whatPings} }

// Pongs matches the answers to pings.
func Pongs() Match { return Match{what: whatPongs} }

// Grants matches the frames by which the client grants credits.
func Grants() Match { return Match{what: whatGrants} }

// Where matches only frames for which f returns true, and those of an earlier Where. f runs on a
// goroutine of the connection; it must not change or keep the frame.
func (m Match) Where(f func(*Frame) bool) Match {
	if before := m.where; before != nil {
		m.where = func(fr *Frame) bool { return before(fr) && f(fr) }
	} else {
		m.where = f
	}
	return m
}

// Conn matches only on the nth connection, from 1, in the order of their upgrades. 0 is any
// connection, the default.
func (m Match) Conn(n int) Match {
	m.conn = max(n, 0)
	return m
}

// PerConn counts each connection separately.
func (m Match) PerConn() Match {
	m.perConn = true
	return m
}

// Skip leaves out the first n points.
func (m Match) Skip(n int) Match {
	m.skip = max(n, 0)
	return m
}

// First limits the match to n points, not counting those that [Match.Skip] leaves out. 0 is no
// limit, the default.
func (m Match) First(n int) Match {
	m.first = max(n, 0)
	return m
}

// Nth matches only the nth point, from 1. It replaces an earlier Skip and First.
func (m Match) Nth(n int) Match { return m.Skip(n - 1).First(1) }

// Every matches every nth only, beginning with the nth.
func (m Match) Every(n int) Match {
	if m.every = n; n <= 1 {
		m.every = 0
	}
	return m
}

// Methods returns a copy of the arguments of [Requests] or [Replies], nil for another match.
func (m Match) Methods() []string {
	if m.what != whatRequests && m.what != whatReplies {
		return nil
	}
	return slices.Clone(m.names)
}

// IsPerConn reports whether [Match.PerConn] was called.
func (m Match) IsPerConn() bool { return m.perConn }

// covers reports whether the match selects a point, apart from counting.
func (m Match) covers(at Point) bool {
	if m.conn != 0 && m.conn != at.Conn || !whats[m.what](at) {
		return false
	}
	name := at.Method
	if m.what == whatEvents {
		name = string(at.Event)
	}
	return (len(m.names) == 0 || slices.Contains(m.names, name)) && (m.where == nil || at.Frame != nil && m.where(at.Frame))
}

// actsAt reports whether a fault acts at the nth point that it covers.
func (m Match) actsAt(n int) bool {
	n -= m.skip
	if m.every > 1 {
		if n%m.every != 0 {
			return false
		}
		n /= m.every
	}
	return n > 0 && (m.first == 0 || n <= m.first)
}
