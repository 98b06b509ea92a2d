package devserver_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

func TestSessionsAndSubscriptionsAreListed(t *testing.T) {
	reader := devserver.Identity{AppID: "a", Scopes: []string{client.ScopeSubscribe}}
	opts := []devserver.Option{
		devserver.WithToken("reader", reader), devserver.WithToken(devserver.DefaultToken, devserver.Identity{Scopes: []string{"*"}}), devserver.WithCredits(5),
	}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		begin := time.Now()
		p := b.login(format)
		if _, _, err := b.dial(); err != nil { // which does not authenticate
			b.Fatal(err)
		}
		time.Sleep(time.Second)
		q, _, err := b.dial()
		if err != nil {
			b.Fatal(err)
		}
		q.login("reader", format)
		must[object](q, "subscribe", object{"channel": "workflows"})
		must[object](q, "subscribe", object{"channel": "jobs"})
		must[object](p, "subscribe", object{"channel": "job:1"})
		must[object](p, "subscribe", object{"channel": "job:2"})
		must[object](p, "unsubscribe", object{"channel": "job:2"})
		for range 7 {
			b.srv.Publish(client.EventJobStarted, "job:1", object{})
		}
		synctest.Wait()

		sessions := b.srv.Sessions()
		var ids []string
		for i := range sessions {
			ids = append(ids, sessions[i].ID)
			sessions[i].ID, sessions[i].Since = "", sessions[i].Since.Add(time.Duration(-begin.UnixNano()))
		}
		if diff := cmp.Diff([]devserver.Session{
			{Conn: 1, Format: string(format), Identity: devserver.Identity{Scopes: []string{"*"}}, Since: time.Unix(0, 0).UTC(), Drops: devserver.Drops{Credits: 2}},
			{Conn: 3, Format: string(format), Identity: reader, Since: time.Unix(1, 0).UTC(), Drops: devserver.Drops{Credits: 2}},
		}, sessions); diff != "" {
			b.Fatal(diff)
		}
		if diff := cmp.Diff([]devserver.Subscription{
			{Channel: "job:1", Conn: 1, Session: ids[0]}, {Channel: "jobs", Conn: 3, Session: ids[1]}, {Channel: "workflows", Conn: 3, Session: ids[1]},
		}, b.srv.Subscriptions()); diff != "" {
			b.Error(diff)
		}
		b.srv.Disconnect()
		synctest.Wait()
		if sessions, subscriptions := b.srv.Sessions(), b.srv.Subscriptions(); len(sessions)+len(subscriptions) > 0 {
			b.Errorf("after all have gone: %+v, %+v", sessions, subscriptions)
		}
	})
}

func TestEventsThatWaitAreCounted(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithCredits(1000)}, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "jobs"})
		b.srv.Inject(fault.Delay(time.Minute, fault.Events().Nth(1)))
		for range 3 {
			b.srv.Publish(client.EventJobStarted, "job:1", object{})
		}
		for _, waiting := range []int{3, 0} {
			synctest.Wait()
			if s := b.srv.Sessions()[0]; s.Waiting != waiting || s.Credits != 997 {
				b.Errorf("the session is %+v, want %d waiting", s, waiting)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestStreamsAreListedWithoutASession(t *testing.T) {
	t.Parallel()
	srv := start(t)
	res, err := http.Get(strings.Replace(srv.URL(), "ws:", "http:", 1) + "/sse?channel=jobs&token=" + devserver.DefaultToken)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer srv.Close()
	if diff := cmp.Diff([]devserver.Subscription{{Channel: "jobs"}}, srv.Subscriptions()); diff != "" {
		t.Error(diff)
	}
}

func TestJobsAndRunsAreListed(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("quick", func(context.Context, devserver.Job) error { return nil })
		b.srv.HandleWorkflow("flow", func(context.Context, *devserver.Run) (any, error) { return 7, nil })
		p := b.login(format)
		var want []string
		for range 20 {
			want = append(want, p.enqueue("quick", nil))
		}
		var runs []string
		for range 3 {
			runs = append(runs, must[client.WorkflowResult](p, "workflow.start", object{"name": "flow", "input": 1}).RunID)
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		var got, ran []string
		for _, j := range b.srv.Jobs() {
			got = append(got, j.ID)
			if diff := cmp.Diff(p.job(j.ID), j); diff != "" || j.State != client.JobStateCompleted {
				b.Errorf("the job %+v is %s", j, diff)
			}
		}
		for _, r := range b.srv.Runs() {
			ran = append(ran, r.ID)
			if r.Name != "flow" || r.State != client.RunStateCompleted || string(r.Output) != "7" {
				b.Errorf("the run is %+v", r)
			}
		}
		if diff := cmp.Diff([][]string{want, runs}, [][]string{got, ran}); diff != "" {
			b.Error(diff)
		}
		b.srv.Restart(false)
		if jobs, runs := b.srv.Jobs(), b.srv.Runs(); len(jobs)+len(runs) > 0 {
			b.Errorf("after a restart: %+v, %+v", jobs, runs)
		}
	})
}

// TestListsCanBeTakenAtAnyTime is for the race detector.
func TestListsCanBeTakenAtAnyTime(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("quick", func(context.Context, devserver.Job) error { return nil })
		done := make(chan struct{})
		var listing sync.WaitGroup
		listing.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					b.srv.Sessions()
					b.srv.Subscriptions()
					b.srv.Jobs()
					b.srv.Runs()
					b.srv.Faults()
				}
			}
		})
		for range 20 {
			p := b.login(format)
			must[object](p, "subscribe", object{"channel": "jobs"})
			p.enqueue("quick", nil)
		}
		close(done)
		listing.Wait()
		if n := len(b.srv.Sessions()); n != 20 {
			b.Errorf("%d sessions", n)
		}
	})
}

// TestASubscriptionIsListedWithItsConnection lists while connections come and go.
func TestASubscriptionIsListedWithItsConnection(t *testing.T) {
	t.Parallel()
	srv := devserver.New()
	l := serveInMemory(t, srv)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 150 {
				c, err := client.DialContext(t.Context(), "ws://server/dwp", client.WithToken(devserver.DefaultToken), client.WithDialContext(l.Dial))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := c.Subscribe(t.Context(), client.ChannelJobs); err != nil {
					t.Error(err)
				}
				c.Close()
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		wg.Wait()
	}()
	for {
		for _, s := range srv.Subscriptions() {
			if s.Conn == 0 || s.Session == "" {
				t.Errorf("a subscription without a connection: %+v", s)
				<-done
				return
			}
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

func TestSessionsAreListedInTheirOrderAndAsCopies(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		ids := map[string]bool{}
		for range 20 { // at the same time
			b.login(format)
		}
		for i, session := range b.srv.Sessions() {
			if session.Conn != i+1 {
				b.Errorf("session %d is of connection %d", i, session.Conn)
			}
			ids[session.ID] = true
			session.Identity.Scopes[0] = "none"
		}
		if len(ids) != 20 {
			b.Errorf("there are %d different ids", len(ids))
		}
		if scopes := b.srv.Sessions()[0].Identity.Scopes; scopes[0] != client.ScopeAll {
			b.Errorf("the scopes have become %v", scopes)
		}
	})
}
