package devserver

import (
	"slices"
	"sync"

	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/faultframe"
)

// faults is the list of faults that were injected.
type faults struct {
	mu       sync.Mutex
	keep     int // how many disarmed ones, 0 for all
	armed    []*injected
	disarmed []*injected
}

// injected is a fault with its counts.
type injected struct {
	fault fault.Fault

	// Under the lock.
	seen  map[int]int // by connection, or all under 0
	acted int
}

// Injected is a fault that was injected into a server, with its counts so far.
type Injected struct {
	Fault fault.Fault
	Armed bool // not disarmed
	Seen  int  // how many fault points it covered, whether it acted there or not
	Acted int  // at how many of them it acted
}

// Inject arms faults on all connections, present and future. They act until disarm is called, or as
// long as their matches last. It returns at once; disarm may be called more than once and from any
// goroutine. See package fault.
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

// Faults lists the faults that were injected, with how many times each has acted: first the
// disarmed ones in the order in which they were disarmed, as many as [WithRetention] keeps; then
// the armed ones in the order of [Server.Inject].
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

// at returns the effects of the armed faults at a fault point, nil if none of them acts.
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
		// unlocked: a match may run user code
		if in.fault.Covers(about) && f.count(in, m.conn.number) {
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

// count counts a fault point that a fault covers, and reports whether the fault acts there.
func (f *faults) count(in *injected, conn int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !in.fault.Match().IsPerConn() {
		conn = 0
	}
	in.seen[conn]++
	acts := in.fault.ActsAt(in.seen[conn])
	if acts {
		in.acted++
	}
	return acts
}
