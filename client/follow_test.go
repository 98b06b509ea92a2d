// These tests hold what Watch, AwaitJob and AwaitWorkflow ask the server for, and how often.
package client_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestEventsThatAreNotFinalCauseNoReads(t *testing.T) {
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		l.delay = 20 * time.Millisecond
		ends := fo.start(t.Context(), p.dial(format))
		for range 10_000 {
			time.Sleep(time.Millisecond)
			p.conn(1).emit(client.EventJobRetrying, client.EventWorkflowStepCompleted)
		}
		if n := len(l.read()); n > 3 {
			t.Errorf("%d reads in 10 s", n)
		}
		l.set("completed")
		p.conn(1).emit(client.EventJobCompleted, client.EventWorkflowCompleted)
		wantState(t, within(t, time.Second, ends), "completed")
	})
}

func TestGapsCauseAtMostOneReadASecond(t *testing.T) {
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		at := func(int) (time.Duration, bool) { return 10 * time.Millisecond, true }
		ends := fo.start(t.Context(), p.dial(format, client.WithBackoff(at)))
		time.Sleep(time.Second)
		for range 100 {
			p.conn(p.count()).Cut()
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(l.read()); n < 5 || n > 15 {
			t.Errorf("%d reads during 100 outages in 10 s", n)
		}
		l.set("completed")
		p.conn(p.count()).Cut()
		wantState(t, within(t, 2*time.Second, ends), "completed")
	})
}

func TestRecordNotFinalAfterItsEndEventIsReadWithBackoff(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		ends := fo.start(t.Context(), p.dial(format))
		time.Sleep(time.Second)
		p.conn(1).emit(client.EventJobCompleted, client.EventWorkflowCompleted)
		time.Sleep(time.Second)
		if n := len(l.read()); n < 5 {
			t.Errorf("%d reads in the first second", n)
		}
		time.Sleep(time.Minute)
		if n := len(l.read()); n > 20 {
			t.Errorf("%d reads in a minute", n)
		}
		l.set("completed")
		wantState(t, within(t, 20*time.Second, ends), "completed")
	})
}

func TestEndEventsCauseAtMostOneReadASecond(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		ends := fo.start(t.Context(), p.dial(format))
		time.Sleep(time.Second)
		for range 10_000 {
			time.Sleep(time.Millisecond)
			p.conn(1).emit(client.EventJobDLQ, client.EventWorkflowFailed)
		}
		if n := len(l.read()); n < 10 || n > 20 {
			t.Errorf("%d reads in 10 s", n)
		}
		l.set("failed")
		p.conn(1).emit(client.EventJobDLQ, client.EventWorkflowFailed)
		wantState(t, within(t, 2*time.Second, ends), "failed")
	})
}

func TestLostReplyDoesNotStopAFollower(t *testing.T) {
	for name, lost := range map[string]func(fo following, fr *wire.Frame, n int) bool{
		"the first read":  func(fo following, fr *wire.Frame, n int) bool { return fr.Method == fo.get && n == 1 },
		"the second read": func(fo following, fr *wire.Frame, n int) bool { return fr.Method == fo.get && n == 2 },
		"the first three": func(fo following, fr *wire.Frame, n int) bool { return fr.Method == fo.get && n <= 3 },
		"the subscription": func(fo following, fr *wire.Frame, n int) bool {
			return fr.Method == client.MethodSubscribe && fo.name != "Watch"
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
				p := newPeer(t)
				l := keepLedger(p, "running")
				l.deny = func(_ *peerConn, fr *wire.Frame, n int) bool { return lost(fo, fr, n) }
				ends := fo.start(t.Context(), p.dial(format))
				synctest.Wait()
				l.set("completed")
				wantState(t, within(t, 3*time.Minute, ends), "completed")
			})
		})
	}
}

// A slow link takes longer for a large record than the first read is given.
func TestRecordThatTakesLongToAnswerIsReadAllTheSame(t *testing.T) {
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "completed")
		l.deny = func(c *peerConn, fr *wire.Frame, _ int) bool {
			if fr.Method == fo.get {
				time.Sleep(44 * time.Second)
			}
			return false
		}
		wantState(t, within(t, 10*time.Minute, fo.start(t.Context(), p.dial(format))), "completed")
	})
}

func TestUnknownStateIsFinalWhenTheRecordOrAnEventSaysSo(t *testing.T) {
	completed := []any{"completed_at", "2026-11-23T14:29:34Z"}
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		keepLedger(p, "archived").set("archived", completed...)
		wantState(t, within(t, time.Second, fo.start(t.Context(), p.dial(format))), "archived")

		p = newPeer(t)
		l := keepLedger(p, "paused")
		ends := fo.start(t.Context(), p.dial(format))
		time.Sleep(time.Hour) // it is not taken for final
		select {
		case e := <-ends:
			t.Fatalf("an unknown state that is not final ended it: %+v", e)
		default:
		}
		l.set("archived", completed...)
		wantState(t, within(t, 20*time.Second, ends), "archived")
	})
}

func TestUnknownStateIsFinalSomeTimeAfterTheEndEvent(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "finalizing")
		c := p.dial(format)
		ends := fo.start(t.Context(), c)
		synctest.Wait()
		p.conn(1).emit(client.EventJobCompleted, client.EventWorkflowCompleted)
		time.Sleep(300 * time.Millisecond) // the event overtook the record
		l.set("completed")
		wantState(t, within(t, time.Second, ends), "completed")

		l.set("archived")
		ends = fo.start(t.Context(), c)
		synctest.Wait()
		p.conn(1).emit(client.EventJobFailed, client.EventWorkflowFailed)
		wantState(t, within(t, 5*time.Second, ends), "archived")
	})
}

func TestAwaitReadsFirstAndSubscribesOnlyIfThatIsNotFinal(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "completed")
		c := p.dial(format)
		wantState(t, within(t, time.Second, fo.start(t.Context(), c)), "completed")
		if diff := cmp.Diff([]string{fo.get}, p.seen()); diff != "" {
			t.Error(diff)
		}

		l.set("running")
		l.deny = func(_ *peerConn, fr *wire.Frame, _ int) bool {
			if fr.Method == client.MethodSubscribe {
				// between the first read and the subscription, so no event reports it
				l.set("completed")
			}
			return false
		}
		wantState(t, within(t, time.Second, fo.start(t.Context(), c)), "completed")
		synctest.Wait()
		if diff := cmp.Diff([]string{fo.get, fo.get, "subscribe", fo.get, "unsubscribe"}, p.seen()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAwaitReadsEveryFifteenSecondsWhereItMayNotSubscribe(t *testing.T) {
	for name, from := range map[string]int{"at first": 1, "when it is restored": 2} {
		t.Run(name, func(t *testing.T) {
			eachAwait(t, func(t *testing.T, fo following, format client.Option) {
				p := newPeer(t)
				l := keepLedger(p, "running")
				l.deny = func(c *peerConn, fr *wire.Frame, n int) bool {
					if fr.Method != client.MethodSubscribe || n < from {
						return false
					}
					c.refuse(fr, 403, "no such scope")
					return true
				}
				ends := fo.start(t.Context(), p.dial(format))
				time.Sleep(time.Second)
				p.conn(1).Cut()
				time.Sleep(10 * time.Minute)
				reads := l.read()
				if n := len(reads); n < 34 || n > 53 {
					t.Errorf("%d reads in ten minutes", n)
				}
				apart := make(map[time.Duration]bool)
				for i := 4; i < len(reads); i++ {
					apart[reads[i].Sub(reads[i-1])] = true
				}
				if len(apart) < 5 {
					t.Errorf("the reads do not vary: %v", apart)
				}
				l.set("failed")
				wantState(t, within(t, 20*time.Second, ends), "failed")
			})
		})
	}
}

func TestFollowersEndOnPermanentErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(c *peerConn, fr *wire.Frame)
		want   error
	}{
		"too large": {func(c *peerConn, fr *wire.Frame) {
			c.reply(fr, map[string]any{"id": "1", "name": strings.Repeat("n", 1500), "state": "completed"})
		}, client.ErrTooLarge},
		"too deep": {func(c *peerConn, _ *wire.Frame) {
			c.raw(ws.NewTextFrame(nested(c.format, 20)))
		}, client.ErrTooDeep},
		"forbidden": {func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 403, "no more") }, client.ErrForbidden},
		"forgotten": {func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 404, "gone") }, client.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
				p := newPeer(t)
				l := keepLedger(p, "running")
				l.deny = func(c *peerConn, fr *wire.Frame, n int) bool {
					if fr.Method != fo.get || n <= 2 {
						return false
					}
					tc.answer(c, fr)
					return true
				}
				ends := fo.start(t.Context(), p.dial(format, client.WithLimits(client.Limits{MessageBytes: 1024, Depth: 16})))
				e := within(t, time.Minute, ends)
				if !errors.Is(e.err, tc.want) {
					t.Errorf("ended with %q, %v; want %v", e.state, e.err, tc.want)
				}
				if n := len(l.read()); n > 6 {
					t.Errorf("%d reads", n)
				}
			})
		})
	}
}

func TestFollowersSurviveTransientErrors(t *testing.T) {
	for _, code := range []int{429, 500, 503, 599} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
				p := newPeer(t)
				l := keepLedger(p, "running")
				l.deny = func(c *peerConn, fr *wire.Frame, n int) bool {
					if fr.Method != fo.get || n == 1 || n > 10 {
						return false
					}
					c.refuse(fr, code, "not now")
					return true
				}
				ends := fo.start(t.Context(), p.dial(format))
				time.Sleep(time.Second)
				l.set("completed")
				wantState(t, within(t, 5*time.Minute, ends), "completed")
			})
		})
	}
}

func TestDrainDoesNotWaitForAnAwaitThatHasAGap(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		keepLedger(p, "running")
		c := p.dial(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Hour, true }))
		ends := fo.start(t.Context(), c)
		synctest.Wait()
		p.conn(1).Cut()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Drain(ctx); err != nil {
			t.Error(err)
		}
		if e := within(t, time.Second, ends); !errors.Is(e.err, client.ErrDraining) && !errors.Is(e.err, client.ErrClosed) {
			t.Errorf("ended with %q, %v", e.state, e.err)
		}
	})
}

func TestAwaitReturnsAJobThatWasCancelledWhileItRan(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		c := p.dial(format)
		ends := followings[0].start(t.Context(), c)
		time.Sleep(time.Second)
		l.set("cancelled") // provisional, and not announced
		wantState(t, within(t, 20*time.Second, ends), "cancelled")

		l.set("completed") // its handler has returned
		p.conn(1).emit(client.EventJobCompleted, client.EventWorkflowCompleted)
		if job, err := c.GetJob(t.Context(), "1"); err != nil || job.State != client.JobStateCompleted {
			t.Errorf("%+v, %v", job, err)
		}
	})
}

func TestFirstEndEventIsReadAtOnce(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		ends := fo.start(t.Context(), p.dial(format))
		synctest.Wait()
		l.set("completed")
		p.conn(1).emit(client.EventJobCompleted, client.EventWorkflowCompleted)
		wantState(t, within(t, time.Millisecond, ends), "completed")
	})
}

func TestWatchReturnsTheResultOfItsFirstRead(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		l.deny = func(c *peerConn, fr *wire.Frame, n int) bool {
			if fr.Method != client.MethodWorkflowGet {
				return false
			}
			if n > 1 {
				c.refuse(fr, 404, "no such run")
			}
			return true
		}
		if sub, err := p.dial(format).Watch(t.Context(), "1"); sub != nil || !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%v, %v", sub, err)
		}
	})
}

func TestWatchReadsARunningRunOnceAtFirst(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		if _, err := p.dial(format).Watch(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if diff := cmp.Diff([]string{"subscribe", "workflow.get"}, p.seen()); diff != "" {
			t.Error(diff)
		}
	})
}
