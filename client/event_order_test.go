package client

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// say has the peer say these frames, which come with one read, after what it says already.
func (f *firehose) say(tb testing.TB, frames ...wire.Frame) {
	tb.Helper()
	for i := range frames {
		message, err := wire.FormatJSON.Append(nil, &frames[i])
		if err != nil {
			tb.Fatal(err)
		}
		f.said = websock.Append(f.said, ws.StateServerSide, ws.OpText, message)
	}
}

// ask has the session put and write a request of its own, and returns the id of its frame and how
// many events were queued when it was answered.
func (f *firehose) ask(tb testing.TB) (id string, queued *int) {
	tb.Helper()
	queued = new(int)
	x := &exchange{kind: kindOwn, onReply: func(reply) { *queued = f.sub.queue.left() }}
	if err := f.session.send(x, &wire.Frame{Type: wire.TypeRequest, Method: methodStats.name, Data: []byte(`{}`)}); err != nil {
		tb.Fatal(err)
	}
	f.session.out.begin()
	return string(f.session.ids.Append(nil, x.id)), queued
}

// TestEventsComeBeforeWhatFollowsThemInOneRead: the events of one read are handed over together,
// and still before anything else that the read has brought.
func TestEventsComeBeforeWhatFollowsThemInOneRead(t *testing.T) {
	t.Parallel()
	const events = 3
	large := bytes.Repeat([]byte("x"), 1<<20)
	huge := append(append([]byte(`{"type":"job.failed","data":"`), large...), `"}`...)
	gapLast := func(t *testing.T, f *firehose) {
		f.conn.left.Reset(f.said)
		_ = f.session.read()
		var got []EventType
		for range events + 1 {
			ev, err := f.sub.queue.pull(false)
			if err != nil || ev == nil {
				t.Fatalf("%v, %v after %q", ev, err, got)
			}
			got = append(got, ev.Type)
		}
		if diff := cmp.Diff([]EventType{EventJobCompleted, EventJobCompleted, EventJobCompleted, EventGap}, got); diff != "" {
			t.Error(diff)
		}
	}
	for name, check := range map[string]func(t *testing.T, f *firehose){
		"answer": func(t *testing.T, f *firehose) {
			id, queued := f.ask(t)
			f.say(t, wire.Frame{ID: "1", Type: wire.TypeResponse, CorrelID: id, Data: []byte(`{}`)})
			f.conn.left.Reset(f.said)
			if _ = f.session.read(); *queued != events {
				t.Errorf("%d events were queued at the answer", *queued)
			}
		},
		"answer that is too large": func(t *testing.T, f *firehose) {
			id, queued := f.ask(t)
			f.say(t, wire.Frame{ID: "1", Type: wire.TypeResponse, CorrelID: id, Data: huge})
			f.conn.left.Reset(f.said)
			if _ = f.session.read(); *queued != events {
				t.Errorf("%d events were queued at the answer", *queued)
			}
		},
		"event that is too large": func(t *testing.T, f *firehose) {
			f.say(t, wire.Frame{ID: "1", Type: wire.TypeEvent, Channel: "job:1", Data: huge})
			gapLast(t, f)
		},
		"credits are spent, and back": func(t *testing.T, f *firehose) {
			f.session.ledger = ledger{balance: events, promised: 1 << 40}
			f.say(t, wire.Frame{ID: "1", Type: wire.TypeEvent, Channel: "job:1", Data: []byte(`{"type":"job.failed"}`)})
			gapLast(t, f)
			if ev, err := f.sub.queue.pull(false); err != nil || ev == nil || ev.Type != EventJobFailed {
				t.Errorf("after the gap: %v, %v", ev, err)
			}
		},
		"frame that does not decode": func(t *testing.T, f *firehose) {
			f.said = websock.Append(f.said, ws.StateServerSide, ws.OpText, []byte("{"))
			f.conn.left.Reset(f.said)
			if err := f.session.read(); err == nil || f.sub.queue.left() != events {
				t.Errorf("%d events are queued at the end with %v", f.sub.queue.left(), err)
			}
		},
		"close frame": func(t *testing.T, f *firehose) {
			f.said = websock.Append(f.said, ws.StateServerSide, ws.OpClose, ws.NewCloseFrameBody(1001, ""))
			f.conn.left.Reset(f.said)
			go func() { _ = f.session.read() }()
			synctest.Wait() // while it waits for the close frame to be answered
			if n := f.sub.queue.left(); n != events {
				t.Errorf("%d events are queued at the close frame", n)
			}
			time.Sleep(2 * closeFrameTimeout)
		},
		"next read": func(t *testing.T, f *firehose) {
			f.conn.left.Reset(f.said)
			f.conn.onRead = func() {
				if n := f.sub.queue.left(); f.conn.left.Len() == 0 && n != events {
					t.Errorf("%d events are queued at the next read", n)
				}
			}
			_ = f.session.read()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFirehose(t, wire.FormatJSON, events, func(c *config) { c.limits.MessageBytes = 1 << 20 })
				check(t, f)
			})
		})
	}
}
