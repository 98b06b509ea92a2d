package devserver

import (
	"cmp"
	"slices"
	"time"

	"github.com/xraph/dispatch/client"
)

// This file lists the state of a server, for tools and tests. Every list is a snapshot. What its
// records refer to, such as payloads, is shared and must not be changed.

// Session is a connection that has authenticated, as [Server.Sessions] lists it.
type Session struct {
	ID       string
	Conn     int    // the number of the connection, from 1
	Format   string // of frames: "json" or "msgpack"
	Identity Identity
	Since    time.Time // when it authenticated
	Credits  int64     // how many events it may still be sent; without effect after WithoutCredits
	Waiting  int       // how many events wait to be sent
	Drops    Drops
}

// Subscription is one subscription of a connection, as [Server.Subscriptions] lists it.
type Subscription struct {
	Channel string
	Conn    int    // the number of the connection, from 1, 0 for server-sent events
	Session string // empty for server-sent events
}

// Jobs lists the jobs in the server's memory, oldest first. It returns a snapshot; payloads are
// shared and must not be changed.
func (s *Server) Jobs() []client.Job {
	e := s.memory()
	e.mu.Lock()
	jobs := make([]*job, 0, len(e.jobs))
	for _, j := range e.jobs {
		jobs = append(jobs, j)
	}
	slices.SortFunc(jobs, func(a, b *job) int { return a.seq - b.seq })
	records := make([]client.Job, len(jobs))
	for i, j := range jobs {
		records[i] = j.record
	}
	e.mu.Unlock()
	return records
}

// Runs lists the workflow runs in the server's memory, oldest first. It returns a snapshot; inputs
// and outputs are shared and must not be changed.
func (s *Server) Runs() []client.WorkflowRun {
	e := s.memory()
	e.mu.Lock()
	records := make([]client.WorkflowRun, 0, len(e.runs))
	for _, run := range e.runs {
		records = append(records, run.record)
	}
	e.mu.Unlock()
	slices.SortFunc(records, func(a, b client.WorkflowRun) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return records
}

// Sessions lists the connections that have authenticated, in the order of their numbers.
func (s *Server) Sessions() []Session {
	var sessions []Session
	for c, session := range s.sessions() {
		session.Credits, session.Waiting, session.Drops = s.broker.account(c.sub)
		sessions = append(sessions, session)
	}
	slices.SortFunc(sessions, func(a, b Session) int { return a.Conn - b.Conn })
	return sessions
}

// Subscriptions lists the subscriptions of all connections, ordered by connection and channel.
func (s *Server) Subscriptions() []Subscription {
	var list []Subscription
	s.mu.Lock()
	sessions := map[*subscriber]*conn{}
	for c := range s.conns {
		sessions[c.sub] = c
	}
	// both locks, so that a subscriber that is not in conns is a server-sent event stream
	s.broker.mu.Lock()
	for channel, subs := range s.broker.topics {
		for sub := range subs {
			one := Subscription{Channel: channel}
			if c := sessions[sub]; c != nil {
				one.Conn, one.Session = c.number, c.session
			}
			list = append(list, one)
		}
	}
	s.broker.mu.Unlock()
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Subscription) int { return cmp.Or(a.Conn-b.Conn, cmp.Compare(a.Channel, b.Channel)) })
	return list
}

// sessions returns what the server's lock guards of each session.
func (s *Server) sessions() map[*conn]Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	sessions := map[*conn]Session{}
	for c := range s.conns {
		if c.who != nil {
			who := *c.who
			who.Scopes = slices.Clone(who.Scopes)
			sessions[c] = Session{ID: c.session, Conn: c.number, Format: string(c.format), Identity: who, Since: c.since}
		}
	}
	return sessions
}

// account returns a subscriber's credits, waiting events and dropped events.
func (b *broker) account(sub *subscriber) (credits int64, waiting int, drops Drops) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sub.mu.Lock()
	defer sub.mu.Unlock()
	return sub.credits, sub.waiting, sub.drops
}
