package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// limit is a limit of a message, of which four times are more than what is looked at of one that is
// larger.
const limit = 2048

var limited = client.WithLimits(client.Limits{MessageBytes: limit})

// large is JSON text of this size.
func large(size int) string { return `"` + strings.Repeat("x", size-2) + `"` }

// ordered makes a frame of members in this order: a name, its value, and so on. That of data is
// JSON text.
func ordered(format wire.Format, members ...string) []byte {
	if format == wire.FormatJSON {
		var texts []string
		for i := 0; i < len(members); i += 2 {
			value := `"` + members[i+1] + `"`
			if members[i] == "data" {
				value = members[i+1]
			}
			texts = append(texts, `"`+members[i]+`":`+value)
		}
		return []byte("{" + strings.Join(texts, ",") + "}")
	}
	msg := msgp.AppendMapHeader(nil, uint32(len(members)/2))
	for i := 0; i < len(members); i += 2 {
		msg = msgp.AppendString(msg, members[i])
		if members[i] == "data" {
			msg = msgp.AppendBytes(msg, []byte(members[i+1]))
		} else {
			msg = msgp.AppendString(msg, members[i+1])
		}
	}
	return msg
}

// whole sends a message in one WebSocket frame, pieces in several of this size.
func (c *peerConn) whole(msg []byte) { c.raw(ws.NewTextFrame(msg)) }

func (c *peerConn) pieces(msg []byte, size int) {
	for op := ws.OpText; len(msg) > 0; op = ws.OpContinuation {
		n := min(size, len(msg))
		c.raw(ws.NewFrame(op, n == len(msg), msg[:n]))
		msg = msg[n:]
	}
}

func wantTooLarge(t *testing.T, err error, limit int) {
	t.Helper()
	var reached *client.LimitError
	if !errors.Is(err, client.ErrTooLarge) || !errors.As(err, &reached) || reached.Field != "MessageBytes" || reached.Max != limit {
		t.Errorf("%T %v, want one that matches ErrTooLarge", err, err)
	}
}

func TestReplyTooLargeFailsItsOwnCallAndNoOther(t *testing.T) {
	for name, answer := range map[string]func(c *peerConn, fr *wire.Frame){
		"response": func(c *peerConn, fr *wire.Frame) {
			c.whole(ordered(c.format, "id", "1", "type", "response", "correl_id", fr.ID, "data", large(4000)))
		},
		"response that is cut after its correl_id": func(c *peerConn, fr *wire.Frame) {
			c.whole(ordered(c.format, "correl_id", fr.ID, "id", large(4200)))
		},
		"error": func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 500, strings.Repeat("x", 3000)) },
		"fragments": func(c *peerConn, fr *wire.Frame) {
			c.pieces(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", large(4000)), 700)
		},
		"members in another order": func(c *peerConn, fr *wire.Frame) {
			c.whole(ordered(c.format, "data", large(3000), "correl_id", fr.ID, "type", "response", "id", "1"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method == inv.method && field(fr, "name") != "bystander" {
						answer(c, fr)
						return
					}
					c.polite(fr)
				}
				c := p.dial(format, limited)
				err := inv.call(t.Context(), c)
				wantTooLarge(t, err, limit)
				var unknown *client.OutcomeUnknownError
				if errors.As(err, &unknown) || client.SafeToRetry(err) != inv.repeatable || !strings.Contains(err.Error(), inv.method) {
					t.Errorf("SafeToRetry %v: %T %v", client.SafeToRetry(err), err, err)
				}
				if _, err := c.Enqueue(t.Context(), "bystander", nil); err != nil {
					t.Errorf("the bystander: %v", err)
				}
				want := 1
				if inv.blocking {
					want = 2 // the lane
				}
				if p.count() != want || len(p.seen()) != 2 {
					t.Errorf("%d connections, %v", p.count(), p.seen())
				}
			})
		})
	}
}

func TestReplyTooLargeOfACallThatWasGivenUpIsLate(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobGet {
				time.Sleep(2 * time.Second)
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", large(4000)))
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, limited)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.GetJob(ctx, "1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, err := c.Stats(t.Context()); err != nil || p.count() != 1 || c.Counters().LateReplies != 1 {
			t.Errorf("%v, %d connections, %+v", err, p.count(), c.Counters())
		}
	})
}

func TestUnattributableMessageTooLargeEndsTheSession(t *testing.T) {
	const filler = "                "
	for name, send := range map[string]func(c *peerConn){
		"no frame": func(c *peerConn) { c.whole([]byte(strings.Repeat(filler, 200))) },
		"of neither": func(c *peerConn) {
			c.whole(ordered(c.format, "id", "1", "type", "hello", "data", large(3000)))
		},
		"a ping": func(c *peerConn) { c.whole(ordered(c.format, "type", "ping", "id", large(3000))) },
		"an error without a correlation": func(c *peerConn) {
			c.whole(ordered(c.format, "type", "error", "correl_id", "", "data", large(3000)))
		},
		"two types": func(c *peerConn) {
			c.whole(ordered(c.format, "type", "hello", "type", "event", "data", large(3000)))
		},
		"an event that names itself too late": func(c *peerConn) {
			c.whole(ordered(c.format, "data", large(4090), "type", "event"))
		},
		"beyond four times the limit": func(c *peerConn) {
			c.whole(ordered(c.format, "type", "event", "data", large(4*limit)))
		},
		"fragments beyond four times the limit": func(c *peerConn) {
			c.pieces(ordered(c.format, "type", "event", "data", large(4*limit)), 700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				c := p.dial(format, limited)
				seq := c.Transitions(t.Context())
				send(p.conn(1))
				wantTooLarge(t, steps(seq, 1)[0].Cause, limit)
				if err := c.Ready(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestReplyTooLargeToTheClientsOwnRequestEndsTheSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n < 3 && (fr.Type == wire.TypePing || fr.Method == client.MethodSubscribe) {
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", large(3000)))
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, limited, every(0))
		seq := c.Transitions(t.Context())
		time.Sleep(16 * time.Second) // a ping
		wantTooLarge(t, steps(seq, 1)[0].Cause, limit)
		subscribe(t, c, "jobs") // on the third connection
		if p.count() != 3 {
			t.Errorf("%d connections", p.count())
		}
	})
}

func TestEventTooLargeIsAGapWhereItsChannelMatches(t *testing.T) {
	channels := []string{"firehose", "jobs", "queue:q", "job:1", "job:2", "workflows", "workflow:1"}
	for _, test := range []struct {
		channel string
		matches []string
	}{
		{"job:1", channels[:4]},
		{"workflow:1", []string{"firehose", "workflows", "workflow:1"}},
		{"", channels},
	} {
		t.Run("channel "+test.channel, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				c := p.dial(format, limited)
				var subs []*client.Subscription
				for _, channel := range channels {
					subs = append(subs, subscribe(t, c, channel))
				}
				members := []string{"id", "1", "type", "event", "data", large(3000)}
				if test.channel != "" {
					members = append([]string{"channel", test.channel}, members...)
				}
				conn := p.conn(1)
				conn.numbered(1, 1)
				conn.whole(ordered(conn.format, members...))
				conn.numbered(2, 1)
				conn.pieces(ordered(conn.format, members...), 700)
				synctest.Wait()
				for _, sub := range subs {
					want := []string{"1", "gap too large 1", "2", "gap too large 1"}
					switch sub.Channel {
					case "job:2", "workflows", "workflow:1":
						want = []string{"gap too large 2"} // one, with nothing in between
					}
					if !slices.Contains(test.matches, sub.Channel) {
						want = slices.DeleteFunc(want, func(s string) bool { return strings.HasPrefix(s, "gap") })
					}
					if diff := cmp.Diff(want, story(t, rest(t, sub)), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s: %s", sub.Channel, diff)
					}
				}
				if p.count() != 1 || c.Counters().Events != 4 {
					t.Errorf("%d connections, %+v", p.count(), c.Counters())
				}
			})
		})
	}
}

func TestEventTooLargeSpendsACredit(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k := keepCredits(p)
		p.dial(format, limited, client.WithCredits(1000))
		send := func(n int) {
			for range n {
				p.conn(1).whole(ordered(p.conn(1).format, "type", "event", "data", large(2100)))
			}
			synctest.Wait()
		}
		send(1499) // of 2,000
		if n := k.grants.Load(); n != 1 {
			t.Errorf("%d grants before half was spent", n)
		}
		send(1)
		if n := k.grants.Load(); n != 2 {
			t.Errorf("%d grants after half was spent", n)
		}
	})
}

func TestFollowersReadTheRecordAfterAnEventTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k := keepRecords(p, "running")
		c := p.dial(format, limited)
		sub := watch(t, c)
		job := make(chan error, 1)
		go func() {
			_, err := c.AwaitJob(t.Context(), "1")
			job <- err
		}()
		synctest.Wait()
		k.set("completed")
		start := time.Now()
		conn := p.conn(1)
		// too late
		conn.whole(ordered(conn.format, "type", "event", "data", large(5000), "channel", "job:1"))
		if err := <-job; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"gap too large 1", "workflow.completed"}, story(t, whole(t, sub))); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %v, as if there had been no gap", took)
		}
	})
}

func TestFollowersEndWhenTheRecordIsTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var grown atomic.Bool
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if grown.Load() && (fr.Method == client.MethodJobGet || fr.Method == client.MethodWorkflowGet) {
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", large(3000)))
				return
			}
			if fr.Method == client.MethodJobGet {
				c.reply(fr, map[string]string{"id": "1", "name": "n", "state": "running"})
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, limited)
		sub := watch(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		job := errs(func() error { _, err := c.AwaitJob(ctx, "1"); return err })
		run := errs(func() error { _, err := c.AwaitWorkflow(ctx, "1"); return err })
		synctest.Wait()
		grown.Store(true)
		wantTooLarge(t, <-job, limit)
		wantTooLarge(t, <-run, limit)
		_, err := sub.Next(ctx)
		wantTooLarge(t, err, limit)
		wantTooLarge(t, sub.Err(), limit)
		if p.count() != 1 {
			t.Errorf("%d connections", p.count())
		}
	})
}

func TestJobWithAPayloadTooLargeToReadBackIsEnqueued(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobGet {
				c.whole(ordered(c.format, "type", "response", "correl_id", fr.ID, "data", `{"id":"1","payload":`+large(13<<20*4/3)+`}`))
				return
			}
			c.polite(fr)
		}
		c := p.dial(format)
		if _, err := c.Enqueue(t.Context(), "n", strings.Repeat("x", 13<<20)); err != nil {
			t.Error(err)
		}
		bystander := errs(func() error { _, err := c.Enqueue(t.Context(), "bystander", nil); return err })
		_, err := c.GetJob(t.Context(), "1")
		wantTooLarge(t, err, 16<<20)
		if err := <-bystander; err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
	})
}
