package devserver_test

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

// A queue holds 4096 messages, and a ping makes two of them.
const pings = 3000

// pingAll sends pings and waits for the answers.
func pingAll(p *peer) {
	p.t.Helper()
	for range pings {
		p.send(&wire.Frame{Type: wire.TypePing})
		if fr := p.next(); fr == nil || fr.Type != wire.TypePong {
			p.t.Fatalf("want a pong, got %+v", fr)
		}
	}
}

// watched runs a test against a server with a hook that waits at its first message until it is
// released. seen is what the hook saw; it is complete when the server is closed.
func watched(t *testing.T, option func(func(devserver.Traffic)) devserver.Option, test func(b *bubble, format wire.Format, release func(), seen *[]devserver.Traffic)) {
	t.Helper()
	t.Parallel()
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				released := make(chan struct{})
				var seen []devserver.Traffic
				srv := devserver.New(option(func(m devserver.Traffic) {
					<-released
					seen = append(seen, m)
				}))
				test(&bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}, format, func() { close(released) }, &seen)
			})
		})
	}
}

func TestAHookKeepsNoConnectionWaiting(t *testing.T) {
	watched(t, devserver.WithHook, func(b *bubble, format wire.Format, release func(), seen *[]devserver.Traffic) {
		begin := time.Now()
		p := b.login(format)
		time.Sleep(time.Second)
		pingAll(p)
		release()
		time.Sleep(time.Second)
		p.send(&wire.Frame{Type: wire.TypePing})
		p.next()
		if err := b.srv.Close(); err != nil {
			b.Error(err)
		}

		const all = 2 + 2*pings // with the authentication
		got := *seen
		missed := 0
		for i, m := range got[:len(got)-2] {
			missed += m.Missed
			if m.Missed == 0 && (m.Dir == devserver.Inbound) != (i%2 == 0) {
				b.Fatalf("message %d goes %s", i, m.Dir)
			}
		}
		if n := len(got) - 3; n != 4097 || missed != all-n {
			b.Errorf("%d messages were seen, want 4097; %d were missed and %d passed", n, missed, all)
		}
		if gap := got[len(got)-3]; gap.Missed != missed || gap.Frame != nil || gap.Dir != "" || gap.Time.Sub(begin) != time.Second {
			b.Errorf("what was missed in the end is reported as %+v", gap)
		}
		last := got[len(got)-1]
		if last.Missed != 0 || last.Frame.Type != "pong" || last.Time.Sub(begin) != 2*time.Second || got[0].Time.Sub(begin) != 0 {
			b.Errorf("the last message is %+v, the first %+v", last, got[0])
		}
	})
}

func TestTheNextMessageReportsWhatWasMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		step := make(chan struct{})
		seen := make(chan devserver.Traffic, 10_000)
		srv := devserver.New(devserver.WithHook(func(m devserver.Traffic) {
			<-step
			seen <- m
		}))
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		p := b.login(wire.FormatJSON)
		pingAll(p)
		step <- struct{}{} // there is room for one
		synctest.Wait()
		p.send(&wire.Frame{Type: wire.TypePing})
		p.next()
		close(step)
		srv.Close()
		close(seen)
		var gaps []int
		for m := range seen {
			if m.Missed > 0 {
				gaps = append(gaps, m.Missed)
				if len(gaps) == 1 && (m.Frame == nil || m.Frame.Type != "ping") {
					t.Errorf("the first after the gap is %+v", m)
				}
			}
		}
		if len(gaps) != 2 || gaps[0] != 2+2*pings-4097 || gaps[1] != 1 {
			t.Errorf("missed: %v", gaps)
		}
	})
}

func TestABlockingHookMissesNothing(t *testing.T) {
	watched(t, devserver.WithBlockingHook, func(b *bubble, format wire.Format, release func(), seen *[]devserver.Traffic) {
		p := b.login(format)
		for range pings {
			p.send(&wire.Frame{Type: wire.TypePing})
		}
		synctest.Wait()
		if n := len(p.frames); n < 2000 || n == pings {
			b.Errorf("%d pongs have come while the hook waited", n)
		}
		release()
		for range pings {
			p.next()
		}
		b.srv.Close()
		for _, m := range *seen {
			if m.Missed != 0 {
				b.Errorf("%d were missed", m.Missed)
			}
		}
		if n := len(*seen); n != 2+2*pings {
			b.Errorf("%d messages were seen", n)
		}
	})
}

// TestBytesWaitForAHookToo has messages of 9 MiB, three of which fit.
func TestBytesWaitForAHookToo(t *testing.T) {
	watched(t, devserver.WithHook, func(b *bubble, format wire.Format, release func(), seen *[]devserver.Traffic) {
		p := b.login(format)
		synctest.Wait()
		nonsense := make([]byte, 9<<20) // is refused at its first byte
		for range 6 {
			p.write(ws.OpBinary, nonsense)
			p.next()
		}
		release()
		b.srv.Close()
		large, missed := 0, 0
		for _, m := range *seen {
			missed += m.Missed
			if len(m.Raw) > 8<<20 {
				large++
			}
		}
		if large != 3 || missed != 3 {
			b.Errorf("%d large messages were seen, %d were missed", large, missed)
		}
	})
}

// TestAHookThatEndsItsGoroutineGoesOn is about tests that fail in a hook by testing.T.FailNow.
func TestAHookThatEndsItsGoroutineGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan devserver.Traffic, 100)
		srv := devserver.New(devserver.WithBlockingHook(func(m devserver.Traffic) {
			seen <- m
			runtime.Goexit()
		}))
		(&bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}).login(wire.FormatJSON)
		srv.Close()
		if n := len(seen); n != 2 {
			t.Errorf("%d messages were seen", n)
		}
	})
}

func TestCloseWaitsForWhatHooksHaveNotSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := 0
		srv := devserver.New(devserver.WithHook(func(devserver.Traffic) {
			time.Sleep(time.Hour)
			seen++
		}))
		(&bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}).login(wire.FormatJSON)
		srv.Close()
		if seen != 2 {
			t.Errorf("%d messages were seen", seen)
		}
	})
}

func TestAHookSeesWhatAFaultMakesOfARequest(t *testing.T) {
	watched(t, devserver.WithBlockingHook, func(b *bubble, format wire.Format, release func(), seen *[]devserver.Traffic) {
		p := b.login(format)
		b.srv.Inject(
			fault.Duplicate(fault.Requests("job.get")), fault.Drop(fault.Requests("job.cancel")),
			fault.Rewrite(func(fr *fault.Frame) { fr.Method, fr.Data = "stats", nil }, fault.Requests("workflow.get")),
		)
		for _, method := range []string{"job.get", "job.cancel", "workflow.get"} {
			p.send(&wire.Frame{Type: wire.TypeRequest, Method: method, Data: raw(b.T, object{})})
		}
		for range 3 {
			p.next()
		}
		release()
		b.srv.Close()
		var requests []string
		for _, m := range *seen {
			if m.Dir != devserver.Inbound || m.Frame.Method == "auth" {
				continue
			}
			var decoded wire.Frame
			if err := format.Decode(m.Raw, &decoded); err != nil || decoded.Method != m.Frame.Method {
				b.Errorf("%x is not %+v: %v", m.Raw, m.Frame, err)
			}
			requests = append(requests, fmt.Sprint(m.Frame.Method, " ", m.Faulty))
		}
		want := []string{"job.get false", "job.get true", "job.cancel false", "workflow.get false", "stats true"}
		if diff := cmp.Diff(want, requests); diff != "" {
			b.Error(diff)
		}
	})
}
