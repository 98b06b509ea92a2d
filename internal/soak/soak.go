package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
)

// config is what a run is asked for.
type config struct {
	length  time.Duration
	events  int // published at least
	callers int // of each client
	between time.Duration
	out     io.Writer
}

// patience is how long what should not take long may take on a busy machine.
const patience = 30 * time.Second

// soak is a run.
type soak struct {
	config
	srv     *devserver.Server
	clients []*client.Client
	works   works
	streams []*stream
	totals  totals

	publishing sync.Mutex
	published  int

	mu    sync.Mutex
	wrong []string
}

// run soaks and reports, and returns what was wrong.
func run(ctx context.Context, cfg config) error {
	idle := runtime.NumGoroutine()
	s := &soak{config: cfg}
	s.srv = devserver.New(
		devserver.WithSendQueue(0), // what a full queue loses shows nowhere
		devserver.WithRetention(50_000),
		devserver.WithMaxRetries(0),
	)
	s.handle()
	if err := s.srv.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	if err := s.dial(ctx); err != nil {
		return errors.Join(err, s.srv.Close())
	}
	s.act(ctx)
	for _, c := range s.clients {
		start := time.Now()
		if err := c.Close(); err != nil || time.Since(start) > patience {
			s.violate("Close took %v: %v", time.Since(start), err)
		}
	}
	if err := s.srv.Close(); err != nil {
		s.violate("the server's Close: %v", err)
	}
	s.works.check(s)
	s.checkGoroutines(idle)
	s.report("end")
	if len(s.wrong) > 0 {
		return fmt.Errorf("%d violations, the first: %s", len(s.wrong), s.wrong[0])
	}
	return nil
}

// dial makes a client for each format, with subscriptions that keep up and one that does not.
func (s *soak) dial(ctx context.Context) error {
	for _, format := range []string{"json", "msgpack"} {
		c, err := client.DialContext(ctx, s.srv.URL(),
			client.WithToken(devserver.DefaultToken), client.WithFormat(format),
			client.WithBackoff(func(int) (time.Duration, bool) { return rand.N(200 * time.Millisecond), true }))
		if err != nil {
			return err
		}
		s.clients = append(s.clients, c)
		for _, st := range []*stream{
			{name: format + " of one run", channel: tickTopic, exact: true},
			{name: format + " of everything", channel: client.ChannelFirehose},
			{name: format + " slow", channel: tickTopic, exact: true, slow: time.Millisecond, buffer: 100},
		} {
			if err := st.subscribe(ctx, c); err != nil {
				return err
			}
			s.streams = append(s.streams, st)
		}
	}
	return nil
}

// act keeps everybody busy for the length of the run, then waits until all have finished.
func (s *soak) act(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.length)
	defer cancel()
	var consumers, busy sync.WaitGroup
	for _, st := range s.streams {
		consumers.Go(func() { st.consume(s) })
	}
	busy.Go(func() { s.publish(ctx) })
	busy.Go(func() { s.disturb(ctx) })
	busy.Go(func() { s.sample(ctx) })
	for i, c := range s.clients {
		for range s.callers {
			busy.Go(func() { s.call(ctx, c) })
		}
		busy.Go(func() { s.await(ctx, c, i) })
	}
	busy.Wait()
	s.finish()
	consumers.Wait()
}

// finish sees every client ready again, and every subscription alive: it gets a last event, and
// ends.
func (s *soak) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, c := range s.clients {
		if err := c.Ready(ctx); err != nil {
			s.violate("not ready after the last fault: %v", err)
		}
	}
	for _, st := range s.streams {
		st.fast.Store(true)
	}
	last := s.tick(1)
	for _, st := range s.streams {
		for st.last.Load() < int64(last) && ctx.Err() == nil {
			pause(ctx, 10*time.Millisecond)
		}
		if st.last.Load() < int64(last) {
			s.violate("%s: the subscription does not live: got %d of %d", st.name, st.last.Load(), last)
		}
		if err := st.sub.Close(); err != nil {
			s.violate("%s: %v", st.name, err)
		}
	}
}

// publish publishes ticks, as fast as it takes for there to be enough of them in the end.
func (s *soak) publish(ctx context.Context) {
	start := time.Now()
	for pause(ctx, 10*time.Millisecond) {
		due := int(1.1 * float64(s.events) * time.Since(start).Seconds() / s.length.Seconds())
		s.tick(max(1, min(due-s.published, 1000)))
	}
}

// tick publishes numbered events and returns the last number.
func (s *soak) tick(events int) (last int) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	for range events {
		s.published++
		s.srv.Publish(client.EventWorkflowStepCompleted, tickTopic, &client.WorkflowEvent{RunID: tickRun, Name: "tick", ElapsedMs: int64(s.published)})
	}
	return s.published
}

// disturb breaks something from time to time.
func (s *soak) disturb(ctx context.Context) {
	for pause(ctx, s.between/2+rand.N(s.between)) {
		s.totals.faults.Add(1)
		switch rand.IntN(5) {
		case 0:
			s.srv.Restart(true)
		case 1:
			s.srv.Disconnect()
		case 2:
			s.srv.Inject(fault.CutAfter(rand.IntN(500), fault.Replies(client.MethodJobEnqueue).Nth(1+rand.IntN(5))))
		case 3:
			s.srv.Inject(fault.RefuseUpgrade(503, nil, fault.Upgrades().First(1+rand.IntN(3))))
			s.srv.Disconnect()
		case 4:
			s.srv.Inject(fault.CutAfter(rand.IntN(5000), fault.Events().Nth(1+rand.IntN(100))))
		}
	}
}

// handle registers what the server can do, and counts what was done.
func (s *soak) handle() {
	s.srv.HandleJob("work", func(_ context.Context, job devserver.Job) error {
		var key int
		if err := json.Unmarshal(job.Payload, &key); err != nil {
			return err
		}
		s.works.done(key)
		return nil
	})
	s.srv.HandleWorkflow("flow", func(_ context.Context, run *devserver.Run) (any, error) {
		var key int
		if err := json.Unmarshal(run.Input(), &key); err != nil {
			return nil, err
		}
		s.works.done(key)
		return key, run.Step("only", func(context.Context) (any, error) { return key, nil })
	})
}

// violate records that something was wrong.
func (s *soak) violate(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.wrong) < 20 {
		fmt.Fprintln(s.out, "WRONG:", what)
	}
	s.wrong = append(s.wrong, what)
}

// pause waits and reports whether ctx has not ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
