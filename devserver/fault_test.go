package devserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

func TestUpgradesAreRefused(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(
			fault.Refuse(http.StatusServiceUnavailable, "busy", fault.Upgrades().Nth(1)),
			fault.RefuseUpgrade(http.StatusTooManyRequests, http.Header{"Retry-After": {"7"}}, fault.Upgrades().Conn(2)),
		)
		for _, want := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests} {
			if _, status, err := b.dial(); err == nil || status != want {
				b.Errorf("status %d, error %v; want status %d", status, err, want)
			}
		}
		b.login(format)
	})
}

func TestARetryAfterIsSent(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.Inject(fault.RefuseUpgrade(http.StatusServiceUnavailable, http.Header{"Retry-After": {"7"}}, fault.Upgrades()))
	res, err := http.Get(strings.Replace(srv.URL(), "ws:", "http:", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "7" {
		t.Errorf("%s with Retry-After %q", res.Status, res.Header.Get("Retry-After"))
	}
}

func TestRequestsAreRefused(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(fault.Refuse(client.CodeUnauthorized, "token expired", fault.Requests().PerConn().Skip(2)))
		p := b.login(format)
		must[client.Stats](p, "stats", nil)
		for range 2 {
			if reply, _ := p.ask("stats", nil); reply.Error == nil || client.Code(reply.Error.Code) != client.CodeUnauthorized {
				b.Errorf("the reply is %+v", reply)
			}
		}
	})
}

func TestAServedRequestIsRefused(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(fault.Refuse(client.CodeInternal, "disk full", fault.Replies(client.MethodJobEnqueue)))
		p := b.login(format)
		reply, _ := p.ask("job.enqueue", object{"name": "x", "payload": 1})
		if reply.Error == nil || reply.Error.Message != "disk full" {
			b.Errorf("the reply is %+v", reply)
		}
		if n := len(b.srv.Journal()); n != 1 {
			b.Errorf("the server did %d things", n)
		}
	})
}

func TestARefusedAuthenticationEndsTheConnection(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(fault.Refuse(client.CodeUnauthorized, "not today", fault.Requests(client.MethodAuth).Nth(1)))
		p, _, err := b.dial()
		if err != nil {
			b.Fatal(err)
		}
		reply, _ := p.ask("auth", &wire.AuthRequest{Token: devserver.DefaultToken, Format: format})
		if reply.Error == nil || reply.Error.Message != "not today" {
			b.Errorf("the reply is %+v", reply)
		}
		b.ended(p, 0)
		b.login(format)
	})
}

func TestFramesAreDelayed(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(
			fault.Delay(time.Second, fault.Requests("stats")),
			fault.Delay(2*time.Second, fault.Replies("stats")),
		)
		begin := time.Now()
		must[client.Stats](p, "stats", nil)
		if took := time.Since(begin); took != 3*time.Second {
			b.Errorf("the reply took %v", took)
		}
	})
}

func TestFramesAreDropped(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		disarm := b.srv.Inject(
			fault.Drop(fault.Replies("job.enqueue")),
			fault.Drop(fault.Requests("workflow.event")),
		)
		enqueue := &wire.Frame{Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": "x", "payload": 1})}
		p.send(enqueue)
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "workflow.event", Data: raw(b.T, object{"name": "x"})})
		b.silent(p)
		if done := b.srv.Journal(); len(done) != 1 || done[0].Method != "job.enqueue" || done[0].Request != enqueue.ID {
			b.Errorf("the server did %+v", done)
		}
		disarm()
		must[object](p, "job.enqueue", object{"name": "x", "payload": 1})
	})
}

func TestFramesAreDuplicated(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.Duplicate(fault.Requests("job.enqueue")), fault.Duplicate(fault.Replies("job.enqueue").Nth(1)))
		id := p.send(&wire.Frame{Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": "x", "payload": 1})})
		for i := range 3 {
			if fr := p.next(); fr.CorrelID != id {
				b.Errorf("frame %d is %+v", i, fr)
			}
		}
		b.silent(p)
		if n := len(b.srv.Journal("job.enqueue")); n != 2 {
			b.Errorf("%d jobs were enqueued", n)
		}
	})
}

func TestEventsAreReordered(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		b.srv.Inject(fault.Reorder(fault.Events().Nth(2)))
		for _, id := range []string{"1", "2", "3", "4"} {
			b.srv.Publish(client.EventJobStarted, client.JobChannel(id), &client.JobEvent{JobID: id, JobName: "x", Queue: "q"})
		}
		var order []string
		for range 4 {
			order = append(order, p.event().Topic)
		}
		if diff := cmp.Diff([]string{"job:1", "job:3", "job:2", "job:4"}, order); diff != "" {
			b.Error(diff)
		}
	})
}

func TestFramesAreRewritten(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.Rewrite(func(fr *fault.Frame) { fr.CorrelID = "another" }, fault.Replies("stats")))
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
		if fr := p.next(); fr.CorrelID != "another" || fr.Type != wire.TypeResponse {
			b.Errorf("the reply is %+v", fr)
		}
	})
}

func TestGarbageIsSent(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(
			fault.Garbage([]byte("a message"), fault.Replies("stats").Nth(1)),
			fault.RawBytes([]byte{0x81, 2, 'h', 'i'}, fault.Replies("stats").Nth(2)),
		)
		for _, want := range []string{"a message", "hi"} {
			p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
			if fr := p.next(); fr.Method != "garbage" || string(fr.Data) != want {
				b.Errorf("the server sent %+v, want %q", fr, want)
			}
		}
		must[client.Stats](p, "stats", nil)
	})
}

func TestCreditsAreTakenAway(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		b.srv.Inject(fault.Starve(fault.Requests("stats")))
		must[client.Stats](p, "stats", nil)
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		b.silent(p)
		p.send(&wire.Frame{Type: wire.TypeEvent, Credits: 1})
		synctest.Wait()
		b.srv.Publish(client.EventJobStarted, "job:2", object{})
		if ev := p.event(); ev.Topic != "job:2" {
			b.Errorf("the event is %+v", ev)
		}
		for range 2 {
			if drops := b.srv.Drops(); drops != (devserver.Drops{Credits: 1}) {
				b.Errorf("dropped: %+v", drops)
			}
			b.srv.Disconnect()
			synctest.Wait()
		}
	})
}

func TestCodeRunsAtAFrame(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.Do(func() { b.srv.Restart(true) }, fault.Replies("job.enqueue")))
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": "x", "payload": 1})})
		b.ended(p, 0)
		p = b.login(format)
		must[client.Job](p, "job.get", object{"job_id": b.srv.Journal()[0].ID})
	})
}

func TestWhatElseActsAtARefusedUpgradeActs(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		calls := 0
		disarm := b.srv.Inject(
			fault.Do(func() { calls++ }, fault.Upgrades()), fault.Delay(time.Second, fault.Upgrades()), fault.Refuse(503, "busy", fault.Upgrades()),
		)
		began := time.Now()
		if _, status, err := b.dial(); status != 503 || calls != 1 || time.Since(began) != time.Second {
			b.Errorf("status %d (%v) after %v and %d calls", status, err, time.Since(began), calls)
		}
		disarm()
		b.srv.Inject(fault.CutAfter(12, fault.Upgrades()), fault.Refuse(503, "busy", fault.Upgrades()))
		c, err := b.listen.Dial(b.Context(), "", "")
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		say(b.T, c, socketSurface.request+"Host: x\r\n\r\n")
		if answer, _ := io.ReadAll(c); string(answer) != "HTTP/1.1 503" {
			b.Errorf("the answer is %q", answer)
		}
		if n := b.srv.Conns(); n != 0 {
			b.Errorf("%d connections are left", n)
		}
	})
}

func TestARefusedUpgradeThatIsDelayedKeepsNoServerOpen(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		b.srv.Inject(fault.Delay(time.Hour, fault.Upgrades()), fault.Refuse(503, "busy", fault.Upgrades()))
		began := time.Now()
		time.AfterFunc(time.Second, func() { b.srv.Close() })
		if _, status, err := b.dial(); err == nil || status != 0 || time.Since(began) != time.Second {
			b.Errorf("status %d (%v) after %v", status, err, time.Since(began))
		}
	})
}

func TestAnUpgradeRefusedWithAStatusWithoutABodyHasNone(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		b.srv.Inject(fault.RefuseUpgrade(304, nil, fault.Upgrades()))
		c, err := b.listen.Dial(b.Context(), "", "")
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		say(b.T, c, socketSurface.request+"Host: x\r\n\r\n")
		if answer, _ := io.ReadAll(c); !strings.HasPrefix(string(answer), "HTTP/1.1 304 ") || !strings.HasSuffix(string(answer), "\r\n\r\n") {
			b.Errorf("the answer is %q", answer)
		}
	})
}

func TestRequestsAreReordered(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.Reorder(fault.Requests("job.enqueue").Nth(2)))
		var order []string
		for _, name := range []string{"1", "2", "3", "4"} {
			p.send(&wire.Frame{ID: name, Type: wire.TypeRequest, Method: "job.enqueue", Data: raw(b.T, object{"name": name, "payload": 1})})
		}
		for range 4 {
			order = append(order, p.next().CorrelID)
		}
		if diff := cmp.Diff([]string{"1", "3", "2", "4"}, order); diff != "" {
			b.Error(diff)
		}
	})
}

// TestAFrameWaitsForNoMoreThanTheNext has a fault act at the next one, too.
func TestAFrameWaitsForNoMoreThanTheNext(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		b.srv.Inject(fault.Reorder(fault.Events().Nth(1)), fault.Duplicate(fault.Events().Nth(2)))
		for _, topic := range []string{"job:1", "job:2"} {
			b.srv.Publish(client.EventJobStarted, topic, object{})
		}
		var order []string
		for range 3 {
			order = append(order, p.event().Topic)
		}
		if diff := cmp.Diff([]string{"job:2", "job:2", "job:1"}, order); diff != "" {
			b.Error(diff)
		}
	})
}

func TestADroppedFrameIsNotDuplicated(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.Drop(fault.Requests("stats")), fault.Duplicate(fault.Requests("stats")))
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats"})
		b.silent(p)
	})
}
