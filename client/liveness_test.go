package client_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// Links of so many bytes a second.
const (
	slowLink  = 2_500_000 / 8
	slowerYet = 1_000_000 / 8
)

// deaf makes the first connection of a peer send events and answer nothing. It returns when pings
// came.
func deaf(p *peer) (pings func() []time.Duration) {
	var mu sync.Mutex
	var times []time.Duration
	start := time.Now()
	p.handle = func(c *peerConn, fr *wire.Frame) {
		switch {
		case fr.Type == wire.TypePing && c.n == 1:
			mu.Lock()
			times = append(times, time.Since(start))
			mu.Unlock()
		case c.n > 1, fr.Method == client.MethodSubscribe:
			c.polite(fr)
		}
	}
	return func() []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return times
	}
}

// chatter begins to send an event a second until the client has gone.
func (c *peerConn) chatter() {
	c.p.serve.Go(func() {
		for ; !c.isGone(); time.Sleep(time.Second) {
			c.numbered(1, 1)
		}
	})
}

func TestRequestsStuckWhileEventsFlowAreNoticed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		pings := deaf(p)
		c := p.dial(format, every(0))
		seq := c.Transitions(t.Context())
		sub := subscribe(t, c, "jobs")
		p.conn(1).chatter()
		time.Sleep(time.Minute) // while events flow and no request waits, there is nothing to ask
		start := time.Now()
		if _, err := c.GetJob(t.Context(), "1"); err != nil || p.count() != 2 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		took := time.Since(start)
		if took < 60*time.Second || took > 61*time.Second {
			t.Errorf("noticed after %v", took)
		}
		if cause := steps(seq, 1)[0].Cause; !errors.Is(cause, client.ErrPingTimeout) {
			t.Errorf("the cause: %v", cause)
		}
		if diff := cmp.Diff([]time.Duration{75 * time.Second}, pings()); diff != "" {
			t.Errorf("pings: %s", diff)
		}
		sub.Close()
	})
}

func TestRequestsThatWereGivenUpWithoutAnAnswerAreNoticed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		deaf(p)
		c := p.dial(format, every(0))
		subscribe(t, c, "jobs")
		p.conn(1).chatter()
		for start := time.Now(); ; {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			_, err := c.GetJob(ctx, "1")
			cancel()
			if err == nil {
				break
			}
			if time.Since(start) > 2*time.Minute {
				t.Fatal(err)
			}
		}
	})
}

func TestSessionThatAnswersIsNotPingedWhileEventsFlow(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var pings atomic.Int64
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Type == wire.TypePing:
				pings.Add(1)
			case fr.Method == client.MethodWorkflowGet: // one answer is lost
				return
			case fr.Type == wire.TypeRequest:
				time.Sleep(time.Second)
			}
			c.polite(fr)
		}
		c := p.dial(format)
		subscribe(t, c, "jobs")
		p.conn(1).chatter()
		lost := errs(func() error { _, err := c.GetWorkflow(t.Context(), "1"); return err })
		for range 100 {
			if _, err := c.Stats(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
		}
		if pings.Load() != 0 || p.count() != 1 {
			t.Errorf("%d pings, %d connections", pings.Load(), p.count())
		}
		c.Close()
		<-lost
	})
}

func TestPingThatIsAnsweredKeepsASessionWhoseRequestIsStuck(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var pings atomic.Int64
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Type == wire.TypePing:
				pings.Add(1)
				fallthrough
			case fr.Method != client.MethodJobGet:
				c.polite(fr)
			}
		}
		c := p.dial(format)
		subscribe(t, c, "jobs")
		p.conn(1).chatter()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if _, err := c.GetJob(ctx, "1"); !errors.Is(err, context.DeadlineExceeded) || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if n := pings.Load(); n < 38 || n > 40 { // one in 15 s
			t.Errorf("%d pings", n)
		}
	})
}

func TestSlowReplyIsASignOfLife(t *testing.T) {
	for name, send := range map[string]func(*peerConn, []byte){
		"one frame": (*peerConn).whole,
		"fragments": func(c *peerConn, msg []byte) {
			c.pieces(msg, 1<<20)
		},
	} {
		for link, rate := range map[string]int{"slow": slowLink, "slower yet": slowerYet} {
			t.Run(name+" over a "+link+" link", func(t *testing.T) {
				bubble(t, func(t *testing.T, format client.Option) {
					p := newPeer(t)
					p.handle = func(c *peerConn, fr *wire.Frame) {
						if fr.Method == client.MethodJobGet {
							send(c, ordered(c.format, "id", "1", "type", "response", "correl_id", fr.ID,
								"data", `{"id":"1","last_error":`+large(14<<20)+`}`))
							return
						}
						c.polite(fr)
					}
					c := p.dial(format)
					p.conn(1).Throttle(rate)
					job, err := c.GetJob(t.Context(), "1")
					if err != nil || len(job.LastError) != 14<<20-2 || p.count() != 1 {
						t.Errorf("%v, %d connections", err, p.count())
					}
					time.Sleep(2 * time.Minute) // the ping behind it is answered
					if c.State() != client.StateReady || p.count() != 1 {
						t.Errorf("afterwards %v, %d connections", c.State(), p.count())
					}
				})
			})
		}
	}
}

func TestReplyTooLargeThatIsReadPastSlowlyIsASignOfLife(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobGet {
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", large(14<<20)))
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, client.WithLimits(client.Limits{MessageBytes: 4 << 20}))
		p.conn(1).Throttle(slowerYet)
		_, err := c.GetJob(t.Context(), "1")
		wantTooLarge(t, err, 4<<20)
		start := time.Now()
		if _, err := c.Enqueue(t.Context(), "behind it", nil); err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if took := time.Since(start); took < time.Minute {
			t.Errorf("the link was not slow: %v", took)
		}
	})
}

func TestSlowRequestIsASignOfLife(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobEnqueue {
				time.Sleep(44 * time.Second) // after it has come, and the ping right behind it
			}
			c.polite(fr)
		}
		c := p.dial(format)
		p.conn(1).Throttle(slowLink)
		start := time.Now()
		large := errs(func() error { _, err := c.Enqueue(t.Context(), "n", strings.Repeat("x", 16<<20-200)); return err })
		time.Sleep(time.Second)
		job := errs(func() error { _, err := c.GetJob(t.Context(), "1"); return err })
		if err := <-large; err != nil {
			t.Error(err)
		}
		if err := <-job; err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if took := time.Since(start); took < 90*time.Second {
			t.Errorf("the link was not slow: %v", took)
		}
	})
}

func TestPingBehindASlowRequestCountsFromWhenItIsWritten(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch field(fr, "name") {
			case "unanswered":
				return
			case "behind it":
				time.Sleep(30 * time.Second)
			}
			c.polite(fr)
		}
		c := p.dial(format)
		p.conn(1).Throttle(slowLink)
		payload := strings.Repeat("x", 16<<20-200)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		first := errs(func() error { _, err := c.Enqueue(ctx, "unanswered", payload); return err })
		time.Sleep(time.Second)
		// It waits for the first one's end, as the ping will.
		if _, err := c.Enqueue(ctx, "behind it", payload); err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if err := <-first; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestReplyThatStopsHalfWayIsNoticed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobGet && c.n == 1 {
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", large(14<<20)))
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, every(0))
		p.conn(1).Throttle(slowLink)
		start := time.Now()
		time.AfterFunc(20*time.Second, p.conn(1).Freeze)
		if _, err := c.GetJob(t.Context(), "1"); err != nil || p.count() != 2 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if took := time.Since(start); took < 64*time.Second || took > 66*time.Second {
			t.Errorf("noticed after %v", took)
		}
	})
}

func TestEventThatComesInSlowlyIsNoAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		deaf(p)
		c := p.dial(format, every(0))
		subscribe(t, c, "jobs")
		conn := p.conn(1)
		conn.Throttle(slowerYet)
		p.serve.Go(func() { conn.whole(ordered(conn.format, "type", "event", "channel", "job:1", "data", large(14<<20))) })
		start := time.Now()
		if _, err := c.GetJob(t.Context(), "1"); err != nil || p.count() != 2 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if took := time.Since(start); took < 60*time.Second || took > 62*time.Second {
			t.Errorf("noticed after %v", took)
		}
		synctest.Wait()
	})
}

func TestSlowReplyIsNoSignOfLifeAfterItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Method == client.MethodWorkflowGet:
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", `{"id":"1","error":`+large(1<<20)+`}`))
			case c.n > 1, fr.Method == client.MethodSubscribe:
				c.polite(fr)
			}
		}
		c := p.dial(format, every(0))
		subscribe(t, c, "jobs")
		p.conn(1).Throttle(slowLink)
		if _, err := c.GetWorkflow(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		p.conn(1).chatter()
		start := time.Now()
		if _, err := c.GetJob(t.Context(), "1"); err != nil || p.count() != 2 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if took := time.Since(start); took < 60*time.Second || took > 61*time.Second {
			t.Errorf("noticed after %v", took)
		}
	})
}
