package devserver_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

// armed is what a server's list of faults says.
type armed struct {
	Text        string
	Armed       bool
	Seen, Acted int
}

func list(srv *devserver.Server) (list []armed) {
	for _, in := range srv.Faults() {
		list = append(list, armed{in.Fault.String(), in.Armed, in.Seen, in.Acted})
	}
	return list
}

func TestFaultsAreListedWithHowOftenTheyActed(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		b.srv.Inject(fault.Refuse(client.CodeInternal, "no", fault.Requests("stats").PerConn().Skip(1)), fault.Drop(fault.Pings()))
		disarm := b.srv.Inject(fault.Duplicate(fault.Replies("job.get")), fault.Do(func() {}, fault.Replies("stats")))
		for range 3 {
			p.ask("stats", nil)
		}
		b.login(format).ask("stats", nil)
		disarm()
		disarm()
		p.ask("stats", nil)
		if diff := cmp.Diff([]armed{
			{"duplicate:after=job.get", false, 0, 0},
			{"do:after=stats:func", false, 4, 4},
			{"refuse:before=stats:500:text=no:perconn:skip=1", true, 5, 3},
			{"drop:pings", true, 0, 0},
		}, list(b.srv)); diff != "" {
			b.Error(diff)
		}
	})
}

func TestDisarmedFaultsAreForgotten(t *testing.T) {
	t.Parallel()
	srv := devserver.New(devserver.WithRetention(2))
	defer srv.Close()
	for _, m := range []fault.Match{fault.Pings(), fault.Pongs(), fault.Events()} {
		srv.Inject(fault.Drop(m))()
	}
	if diff := cmp.Diff([]armed{{"drop:pongs", false, 0, 0}, {"drop:events", false, 0, 0}}, list(srv)); diff != "" {
		t.Error(diff)
	}
}

// TestAFaultIsCountedOnlyWhereItCanAct has faults match more than that.
func TestAFaultIsCountedOnlyWhereItCanAct(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(
			fault.Garbage([]byte("a message"), fault.Match{}.Nth(2)),
			fault.RefuseUpgrade(503, nil, fault.Inbound()),
			fault.CloseWith(1012, "", fault.Upgrades()),
			fault.Refuse(500, "", fault.Events()),
		)
		p := b.login(format)
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "subscribe", Data: raw(b.T, object{"channel": "jobs"})})
		if fr := p.next(); fr.Method != "garbage" {
			b.Errorf("the server sent %+v", fr)
		}
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		p.event()
		if diff := cmp.Diff([]armed{
			{`garbage:text=a message:skip=1:first=1`, true, 3, 1},
			{"refuseupgrade:in:503", true, 0, 0},
			{"close:upgrades:1012", true, 0, 0},
			{"refuse:events:500", true, 0, 0},
		}, list(b.srv)); diff != "" {
			b.Error(diff)
		}
	})
}

// TestAMatchMayAskTheServer has code of the user's run while the faults are asked.
func TestAMatchMayAskTheServer(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.Inject(fault.Refuse(500, "no", fault.Requests("stats").Where(func(*fault.Frame) bool { return len(b.srv.Faults()) == 1 })))
		if reply, _ := b.login(format).ask("stats", nil); reply.Error == nil || reply.Error.Message != "no" {
			b.Errorf("the reply is %+v", reply)
		}
	})
}

// TestStatusesThatAreNoneAreRefusedAsErrors arms what no HTTP response can say.
func TestStatusesThatAreNoneAreRefusedAsErrors(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		b.srv.Inject(fault.Refuse(7, "", fault.Match{}.Nth(1)))
		for i, status := range []int{101, -1, 199, 1000, 200, 999} {
			b.srv.Inject(fault.RefuseUpgrade(status, nil, fault.Match{}.Nth(i+2)))
		}
		for _, want := range []int{500, 500, 500, 500, 500, 200, 999} {
			if _, status, err := b.dial(); err == nil || status != want {
				b.Errorf("status %d, error %v; want status %d", status, err, want)
			}
		}
	})
}
