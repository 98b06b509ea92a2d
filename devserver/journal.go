package devserver

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Entry is one piece of work that a client requested: a job enqueued or cancelled, a run started,
// an event published. Payload is shared and must not be changed.
type Entry struct {
	Time    time.Time
	Method  string // such as client.MethodJobEnqueue
	ID      string // of the job, run or event
	Name    string // of the job, workflow or event
	Payload json.RawMessage
	Request string // the id of the request, empty for work of the server itself
	Session string // the session of the request, empty for a side transport
	Conn    int    // the number of the connection, from 1, 0 for a side transport
}

// journal lists the requested work, oldest first.
type journal struct {
	keep int // how many entries, 0 for all

	mu      sync.Mutex
	entries []Entry
}

func (j *journal) add(ctx context.Context, e Entry) {
	c := callerOf(ctx)
	e.Time, e.Request, e.Session, e.Conn = now(), c.request, c.session, c.conn
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	if j.keep > 0 && len(j.entries) >= 2*j.keep {
		j.entries = slices.Clone(j.entries[len(j.entries)-j.keep:]) // rarely: it copies them all
	}
}

// Journal returns the work that clients requested, oldest first, as many entries as [WithRetention]
// keeps. With methods, it returns only the entries of these. The journal survives every restart, so
// a test can assert on it that no work was done twice.
func (s *Server) Journal(methods ...string) []Entry {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	kept := s.journal.entries
	if s.journal.keep > 0 {
		kept = kept[max(0, len(kept)-s.journal.keep):]
	}
	if len(methods) == 0 {
		return slices.Clone(kept)
	}
	var entries []Entry
	for _, e := range kept {
		if slices.Contains(methods, e.Method) {
			entries = append(entries, e)
		}
	}
	return entries
}
