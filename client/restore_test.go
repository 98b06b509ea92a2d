package client_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// asks records when each channel was asked for, and lets a test answer in its own way.
type asks struct {
	mu     sync.Mutex
	times  map[string][]time.Time // by channel, on connections after the first
	answer func(c *peerConn, fr *wire.Frame, channel string, n int)
}

// watchAsks has a peer answer subscribe requests on connections after the first by a function; n
// counts a channel's from 1.
func watchAsks(p *peer, answer func(c *peerConn, fr *wire.Frame, channel string, n int)) *asks {
	a := &asks{times: map[string][]time.Time{}, answer: answer}
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if c.n == 1 || fr.Method != client.MethodSubscribe {
			c.polite(fr)
			return
		}
		channel := field(fr, "channel")
		a.mu.Lock()
		a.times[channel] = append(a.times[channel], time.Now())
		n := len(a.times[channel])
		a.mu.Unlock()
		a.answer(c, fr, channel, n)
	}
	return a
}

func (a *asks) of(channel string) []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.times[channel])
}

// nextWithin is Next for so long.
func nextWithin(t *testing.T, sub *client.Subscription, d time.Duration) (*client.Event, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return sub.Next(ctx)
}

// afterASecond makes every attempt to reconnect after a second.
var afterASecond = client.WithBackoff(func(int) (time.Duration, bool) { return time.Second, true })

func TestRestoredSubscriptionEndsOnlyOnPermanentRefusals(t *testing.T) {
	for code, ends := range map[int]bool{
		400: true, 401: true, 403: true, 404: true, 405: true,
		402: false, 409: false, 429: false, 500: false, 503: false, 599: false,
		0: false, // an answer that is none
	} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				watchAsks(p, func(c *peerConn, fr *wire.Frame, channel string, n int) {
					switch {
					case channel != "jobs" || n > 3:
						c.polite(fr)
					case code == 0:
						c.reply(fr, 7)
					default:
						c.refuse(fr, code, "not now")
					}
				})
				c := p.dial(format, afterASecond)
				sub, other := subscribe(t, c, "jobs"), subscribe(t, c, "workflows")
				p.conn(1).Cut()
				time.Sleep(time.Minute)
				if ev := next(t, sub); ev.Type != client.EventGap || ev.Payload().(*client.Gap).Cause != client.GapReconnect {
					t.Errorf("%+v, want a gap", ev)
				}
				if ends {
					var refused *client.Error
					if _, err := nextWithin(t, sub, time.Minute); !errors.As(err, &refused) || refused.Code != client.Code(code) {
						t.Errorf("Next: %v, want the refusal", err)
					}
				} else {
					p.conn(2).numbered(1, 1)
					if ev := next(t, sub); ev.Type != client.EventJobStarted || sub.Err() != nil {
						t.Errorf("%+v, Err: %v", ev, sub.Err())
					}
				}
				if ev := next(t, other); ev.Type != client.EventGap || other.Err() != nil {
					t.Errorf("the other: %+v, Err %v", ev, other.Err())
				}
			})
		})
	}
}

func TestGapLastsUntilTheChannelIsConfirmed(t *testing.T) {
	for name, test := range map[string]struct {
		refuse      bool
		least, most time.Duration // from the loss to the end of the gap
	}{
		"refused in passing": {true, time.Second, 1250 * time.Millisecond},
		"unanswered":         {false, 16 * time.Second, 16250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				watchAsks(p, func(c *peerConn, fr *wire.Frame, channel string, n int) {
					switch {
					case n > 1:
						c.polite(fr)
					case test.refuse:
						c.refuse(fr, 503, "not now")
					}
				})
				c := p.dial(format, afterASecond)
				sub := subscribe(t, c, "jobs")
				lost := time.Now()
				p.conn(1).Cut()
				gap := next(t, sub).Payload().(*client.Gap)
				if took := gap.To.Sub(lost); took < test.least || took > test.most {
					t.Errorf("the gap ends %v after the loss, want %v to %v", took, test.least, test.most)
				}
			})
		})
	}
}

func TestCallsWaitForAnswersAboutChannelsAtMostFifteenSeconds(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(c *peerConn, fr *wire.Frame)
		want   time.Duration
	}{
		"confirmed":             {(*peerConn).polite, 0},
		"refused":               {func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 403, "no") }, 0},
		"refused in passing":    {func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 500, "not now") }, 0},
		"unanswered":            {silent, 15 * time.Second},
		"answered after 10s":    {func(c *peerConn, fr *wire.Frame) { time.AfterFunc(10*time.Second, func() { c.polite(fr) }) }, 10 * time.Second},
		"answered after a year": {func(c *peerConn, fr *wire.Frame) { time.AfterFunc(8760*time.Hour, func() { c.polite(fr) }) }, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				watchAsks(p, func(c *peerConn, fr *wire.Frame, channel string, _ int) {
					if channel == "job:7" {
						test.answer(c, fr)
						return
					}
					c.polite(fr)
				})
				c := p.dial(format, afterASecond)
				for _, channel := range []string{"jobs", "job:7", "workflows"} {
					subscribe(t, c, channel)
				}
				p.conn(1).Cut()
				start := time.Now().Add(time.Second) // when the client dials
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if _, err := c.Stats(ctx); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != test.want {
					t.Errorf("a call went through after %v, want %v", took, test.want)
				}
				if p.count() != 2 {
					t.Errorf("%d connections, want 2", p.count())
				}
			})
		})
	}
}

func TestUnconfirmedChannelsAreRequestedAgainWithBackoff(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		a := watchAsks(p, func(c *peerConn, fr *wire.Frame, channel string, n int) {
			switch channel {
			case "jobs", "job:1":
				c.refuse(fr, 503, "not now")
			case "workflows":
			default:
				c.polite(fr)
			}
		})
		c := p.dial(format, afterASecond)
		jobs, workflows := subscribe(t, c, "jobs"), subscribe(t, c, "workflows")
		ended := subscribe(t, c, "job:1")
		subscribe(t, c, "firehose")
		p.conn(1).Cut()
		time.Sleep(10 * time.Second)
		ended.Close()
		endedAfter := len(a.of("job:1"))
		time.Sleep(30 * time.Minute)
		for channel, most := range map[string]time.Duration{"jobs": 31 * time.Second, "workflows": 46 * time.Second} {
			times := a.of(channel)
			if n := len(times); n < int(20*time.Minute/most) || n > 400 {
				t.Errorf("%s was asked for %d times in 30 minutes", channel, n)
			}
			for i := 1; i < len(times); i++ {
				least := time.Duration(0)
				if channel == "workflows" {
					least = 15 * time.Second
				}
				if d := times[i].Sub(times[i-1]); d < least || d > most {
					t.Errorf("%s: %v between two requests, want %v to %v", channel, d, least, most)
				}
			}
		}
		if n := len(a.of("firehose")); n != 1 {
			t.Errorf("a confirmed channel was asked for %d times", n)
		}
		if n := len(a.of("job:1")); n != endedAfter {
			t.Errorf("a channel that had ended was asked for %d times more", n-endedAfter)
		}
		if jobs.Err() != nil || workflows.Err() != nil || p.count() != 2 {
			t.Errorf("%v, %v, %d connections", jobs.Err(), workflows.Err(), p.count())
		}
		p.l.Close()
		p.conn(2).Cut()
		before := len(a.of("jobs")) + len(a.of("workflows"))
		time.Sleep(time.Hour)
		if n := len(a.of("jobs")) + len(a.of("workflows")); n != before {
			t.Errorf("%d requests after the session's end", n-before)
		}
	})
}

func TestLateAnswersToEarlierRequestsForAChannel(t *testing.T) {
	yes := (*peerConn).polite
	no := func(code int) func(*peerConn, *wire.Frame) {
		return func(c *peerConn, fr *wire.Frame) { c.refuse(fr, code, "no") }
	}
	for name, test := range map[string]struct {
		// the answers to the first request, after 20 s, and to the next, after 10 s
		late, next func(*peerConn, *wire.Frame)
		gapAfter   time.Duration // from the first request
		err        error
	}{
		"the late one confirms, the next too":        {yes, yes, 20 * time.Second, nil},
		"the late one confirms, the next refuses":    {yes, no(500), 20 * time.Second, nil},
		"the late one confirms, the next is missing": {yes, silent, 20 * time.Second, nil},
		"the late one refuses, the next confirms":    {no(500), yes, 25 * time.Second, nil},
		"the late one refuses for good":              {no(403), silent, 20 * time.Second, client.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				var asked atomic.Pointer[time.Time]
				a := watchAsks(p, func(c *peerConn, fr *wire.Frame, channel string, n int) {
					if n == 1 {
						now := time.Now()
						asked.Store(&now)
						time.AfterFunc(20*time.Second, func() { test.late(c, fr) })
						return
					}
					time.AfterFunc(10*time.Second, func() { test.next(c, fr) })
				})
				c := p.dial(format, afterASecond)
				sub := subscribe(t, c, "jobs")
				p.conn(1).Cut()
				gap := next(t, sub).Payload().(*client.Gap)
				if after := gap.To.Sub(*asked.Load()); after < test.gapAfter || after > test.gapAfter+250*time.Millisecond {
					t.Errorf("the gap ends %v after the first request, want %v", after, test.gapAfter)
				}
				if test.err == nil {
					time.Sleep(time.Minute)
					p.conn(2).numbered(1, 1)
					next(t, sub)
				} else if _, err := nextWithin(t, sub, time.Minute); !errors.Is(err, test.err) {
					t.Error(err)
				}
				if n := len(a.of("jobs")); n != 2 {
					t.Errorf("%d requests, want 2", n)
				}
			})
		})
	}
}

func TestServerThatTakesItsTimeIsAskedOnceForEachChannel(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		a := watchAsks(p, func(c *peerConn, fr *wire.Frame, _ string, _ int) {
			time.Sleep(2 * time.Second) // and handles one after another
			c.polite(fr)
		})
		c := p.dial(format, afterASecond)
		var channels []string
		for _, id := range "abcdefghijklmnopqrst" {
			channels = append(channels, client.JobChannel(string(id)))
			subscribe(t, c, channels[len(channels)-1])
		}
		p.conn(1).Cut()
		time.Sleep(5 * time.Minute)
		for _, channel := range channels {
			if n := len(a.of(channel)); n != 1 {
				t.Errorf("%s was asked for %d times", channel, n)
			}
		}
	})
}

func TestAwaitJobOutlivesAPassingRefusalOfItsSubscription(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		state := atomic.Value{}
		state.Store("running")
		a := watchAsks(p, func(c *peerConn, fr *wire.Frame, _ string, n int) {
			if n < 3 {
				c.refuse(fr, 503, "not now")
				return
			}
			c.polite(fr)
		})
		subscribeAnswers := p.handle
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobGet {
				c.reply(fr, map[string]string{"id": "1", "name": "n", "state": state.Load().(string)})
				return
			}
			subscribeAnswers(c, fr)
		}
		c := p.dial(format, afterASecond)
		done := errs(func() error { _, err := c.AwaitJob(t.Context(), "1"); return err })
		synctest.Wait()
		p.conn(1).Cut()
		time.Sleep(time.Minute)
		state.Store("completed")
		p.conn(2).event(client.EventJobCompleted, "job:1", map[string]any{"job_id": "1"})
		start := time.Now()
		if err := <-done; err != nil || time.Since(start) > time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if n := len(a.of("job:1")); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
	})
}
