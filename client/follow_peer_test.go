// This file is a peer for those who follow a job or a run, and a way to follow each.
package client_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// following is a way to follow the job or the run with the id 1 to its end, and how that went.
type following struct {
	name, get, channel string
	follow             func(context.Context, *client.Client) (state string, err error)
}

var followings = []following{
	{"AwaitJob", client.MethodJobGet, "job:1", func(ctx context.Context, c *client.Client) (string, error) {
		job, err := c.AwaitJob(ctx, "1")
		if err != nil {
			return "", err
		}
		return string(job.State), nil
	}},
	{"AwaitWorkflow", client.MethodWorkflowGet, "workflow:1", func(ctx context.Context, c *client.Client) (string, error) {
		run, err := c.AwaitWorkflow(ctx, "1")
		if err != nil {
			return "", err
		}
		return string(run.State), nil
	}},
	{"Watch", client.MethodWorkflowGet, "workflow:1", func(ctx context.Context, c *client.Client) (state string, err error) {
		sub, err := c.Watch(ctx, "1")
		if err != nil {
			return "", err
		}
		for ev, err := range sub.All(ctx) {
			if err != nil {
				return "", err
			}
			if ev.Type != client.EventGap {
				_, state, _ = strings.Cut(string(ev.Type), ".")
			}
		}
		return state, nil
	}},
}

func eachFollowing(t *testing.T, f func(t *testing.T, fo following, format client.Option)) {
	t.Parallel()
	for _, fo := range followings {
		t.Run(fo.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) { f(t, fo, format) })
		})
	}
}

func eachAwait(t *testing.T, f func(t *testing.T, fo following, format client.Option)) {
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		if fo.name != "Watch" {
			f(t, fo, format)
		}
	})
}

// ledger is a peer's records of one job and one run, and the reads of them.
type ledger struct {
	delay time.Duration // before each answer
	// takes the nth request of its method over, if it returns true
	deny func(c *peerConn, fr *wire.Frame, n int) bool

	mu     sync.Mutex
	record map[string]any
	reads  []time.Time
	asked  map[string]int
}

func keepLedger(p *peer, state string) *ledger {
	l := &ledger{asked: make(map[string]int)}
	l.set(state)
	p.handle = func(c *peerConn, fr *wire.Frame) {
		l.mu.Lock()
		l.asked[fr.Method]++
		n := l.asked[fr.Method]
		read := fr.Method == client.MethodJobGet || fr.Method == client.MethodWorkflowGet
		if read {
			l.reads = append(l.reads, time.Now())
		}
		l.mu.Unlock()
		time.Sleep(l.delay)
		l.mu.Lock()
		record := l.record
		l.mu.Unlock()
		switch {
		case fr.Type == wire.TypeRequest && l.deny != nil && l.deny(c, fr, n):
		case read:
			c.reply(fr, record)
		default:
			c.polite(fr)
		}
	}
	return l
}

// set changes the records: their state, and further members.
func (l *ledger) set(state string, members ...any) {
	record := map[string]any{"id": "1", "name": "n", "state": state}
	for i := 0; i < len(members); i += 2 {
		record[members[i].(string)] = members[i+1]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.record = record
}

func (l *ledger) read() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.reads)
}

// end is what a following came to.
type end struct {
	state string
	err   error
}

func (fo following) start(ctx context.Context, c *client.Client) <-chan end {
	ends := make(chan end, 1)
	go func() {
		state, err := fo.follow(ctx, c)
		ends <- end{state, err}
	}()
	return ends
}

// within waits for an end, in the time given.
func within(t *testing.T, d time.Duration, ends <-chan end) end {
	t.Helper()
	select {
	case e := <-ends:
		return e
	case <-time.After(d):
		t.Fatalf("no end after %v", d)
		return end{}
	}
}

func wantState(t *testing.T, e end, want string) {
	t.Helper()
	if e.err != nil || e.state != want {
		t.Errorf("ended with %q, %v; want %q", e.state, e.err, want)
	}
}

// emit sends an event of the job and one of the run.
func (c *peerConn) emit(job, run client.EventType) {
	c.event(job, "job:1", map[string]any{})
	c.event(run, "workflow:1", map[string]any{})
}
