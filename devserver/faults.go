package devserver

import (
	"slices"
	"sync"

	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/faultframe"
)

// faults is what was injected.
type faults struct {
	mu       sync.Mutex
	keep     int // of those disarmed, 0 for all
	armed    []*injected
	disarmed []*injected
}

// injected is a fault and what it has seen.
type injected struct {
	fault fault.Fault

	// Under the lock.
	seen  map[int]int // by connection, or under 0
	acted int
}

// Injected is a fault that was injected into a server, and what it has done so far.
type Injected struct {
	Fault fault.Fault
	Armed bool // not disarmed
	Seen  int  // moments that it covers, whether it acted or not
	Acted int  // moments at which it acted
}

// Inject arms faults, for the connections that are open as well. They act until disarm is
// called, or as long as their matches last. See package fault.
func (s *Server) Inject(list ...fault.Fault) (disarm func()) {
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	mine := map[*injected]bool{}
	for _, one := range list {
		in := &injected{fault: one, seen: map[int]int{}}
		mine[in] = true
		f.armed = append(f.armed, in)
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		var left []*injected // a new list: the old one may be in use
		for _, in := range f.armed {
			if mine[in] {
				f.disarmed = append(f.disarmed, in)
			} else {
				left = append(left, in)
			}
		}
		f.armed = left
		if f.keep > 0 && len(f.disarmed) > f.keep {
			f.disarmed = slices.Clone(f.disarmed[len(f.disarmed)-f.keep:])
		}
	}
}

// Faults lists the faults that were injected, with how often each has acted: first those that were disarmed, in
// the order in which they were, as far as [WithRetention] goes; then those that are armed, in the order of [Server.Inject].
func (s *Server) Faults() []Injected {
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []Injected
	for i, in := range slices.Concat(f.disarmed, f.armed) {
		seen := 0
		for _, n := range in.seen {
			seen += n
		}
		list = append(list, Injected{Fault: in.fault, Armed: i >= len(f.disarmed), Seen: seen, Acted: in.acted})
	}
	return list
}

// at asks the faults about a moment. It returns nil if none of them acts.
func (f *faults) at(m faultPoint) *faultPoint {
	f.mu.Lock()
	armed := f.armed
	f.mu.Unlock()
	if len(armed) == 0 {
		return nil
	}
	about := fault.Point{Conn: m.conn.number, Inbound: m.dir == Inbound, Frame: faultframe.From(m.frame), Method: m.method, Event: m.event}
	var acting []fault.Fault
	for _, in := range armed {
		if in.fault.Covers(about) && f.count(in, m.conn.number) { // without the lock: a match may run code of the user's
			acting = append(acting, in.fault)
		}
	}
	if acting == nil {
		return nil
	}
	m.copies, m.cut, m.readRate = 1, -1, -1
	for _, one := range acting {
		m.apply(one)
	}
	return &m
}

// count counts a moment that a fault covers, and reports whether it acts at it.
func (f *faults) count(in *injected, conn int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !in.fault.Match().IsPerConn() {
		conn = 0
	}
	in.seen[conn]++
	acts := in.fault.Wants(in.seen[conn])
	if acts {
		in.acted++
	}
	return acts
}
