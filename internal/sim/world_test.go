package sim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
)

// How long things may take in a life, by its own clock.
const (
	callMost  = 30 * time.Second // a caller's deadline
	workMost  = 8 * time.Second  // an attempt of a job, a step of a workflow
	readyMost = 5 * time.Minute  // until a client is ready once everything works again
	// a wait for a job or a run, longer than a life's faults, recovery and work.
	awaitMost  = 12 * time.Minute
	lifeMost   = 30 * time.Minute // after the faults
	closeMost  = 5 * time.Second  // Close
	settleTime = 2 * time.Minute  // from ready until everything that was under way has arrived
)

// world is a life while it is lived.
type world struct {
	*plan
	history *history
	calls   *calls
	net     *network
	srv     *devserver.Server
	client  *client.Client
	ticks   *ticks
	facts   *facts

	chaos     context.Context // ends when the faults do
	heal      context.CancelFunc
	settled   chan struct{} // closed when consumers need not be slow any more
	helpers   sync.WaitGroup
	followers sync.WaitGroup
	mu        sync.Mutex
	disarm    []func()
	subs      []*subscriber
	entities  []*follow
	wrong     []string  // violations
	endedAt   time.Time // when the client was to close or drain, zero before

	recovered bool         // the client was ready in the end, for long enough
	heard     map[int]bool // in the end: the ticks that the client had read from the network
}

// newWorld makes the world of a plan, in the bubble that it is to live in.
func newWorld(p *plan) *world {
	h := &history{start: time.Now()}
	w := &world{
		plan: p, history: h, calls: &calls{history: h}, facts: newFacts(), ticks: &ticks{},
		settled: make(chan struct{}),
	}
	w.chaos, w.heal = context.WithCancel(context.Background())
	w.net = newNetwork(p.buffer, func(format string, args ...any) { h.add("net", format, args...) })
	w.srv = devserver.New(p.serverOptions()...)
	w.ticks.srv = w.srv
	handleWork(w)
	return w
}

// live lives the life and checks it.
func (w *world) live() {
	w.helpers.Go(func() {
		if err := w.srv.Serve(w.net); err != nil {
			w.violate("the server ended: %v", err)
		}
	})
	if w.connect() {
		w.act()
	}
	w.heal()
	w.srv.Close()
	w.net.Close()
	w.helpers.Wait()
	w.checkGoroutines()
	w.check()
}

// connect dials: first, in some lives, over a connection that breaks, and then before there are
// faults.
func (w *world) connect() bool {
	if w.brokenDial >= 0 {
		w.net.next(func(l *link) { l.server.CutAfterWrites(w.brokenDial) })
		if c, err := w.dial(); err == nil {
			_ = c.Close()
		} else {
			w.history.add("world", "a dial over a broken connection: %v", err)
		}
	}
	c, err := w.dial()
	if err != nil {
		w.violate("dial: %v", err)
		return false
	}
	w.client = c
	return true
}

func (w *world) dial() (*client.Client, error) {
	var others []string
	opts := []client.Option{
		client.WithFormat(w.format), client.WithLogger(w.history.logger()), client.WithDialContext(w.net.dial),
		client.WithLanes(w.lanes), client.WithCredits(w.credits), client.WithLimits(client.Limits{MessageBytes: w.message}),
		client.WithKeepAlive(w.silence/3, w.silence), client.WithWriteTimeout(w.write),
	}
	for i := 1; i < w.endpoints; i++ {
		others = append(others, endpointURL(i))
	}
	opts = append(opts, client.WithEndpoints(others...))
	if w.shuffled {
		opts = append(opts, client.WithShuffledEndpoints())
	}
	switch {
	case w.lifetime > 0:
		opts = append(opts, client.WithExpiringTokenSource(newTokens(w).next))
	case w.tokenSource:
		opts = append(opts, client.WithTokenSource(func(context.Context) (string, error) { return token, nil }))
	default:
		opts = append(opts, client.WithToken(token))
	}
	ctx, cancel := context.WithTimeout(context.Background(), callMost)
	defer cancel()
	return client.DialContext(ctx, endpointURL(0), opts...)
}

// act lets the faults and the actors loose, heals the world and sees the client recover and close.
func (w *world) act() {
	w.helpers.Go(w.faultTime)
	var acting sync.WaitGroup
	for _, a := range w.actors {
		acting.Go(func() {
			if pause(w.chaos, a.at) == nil {
				a.do(context.Background(), w)
			}
		})
	}
	_ = pause(context.Background(), w.plan.chaos)
	if !w.keepChaos {
		w.recover()
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		acting.Wait()
		w.followers.Wait()
	}()
	if !w.keepChaos {
		w.settle()
	}
	w.close()
	close(w.settledOnce())
	select {
	case <-over:
	case <-time.After(lifeMost):
		w.violate("a goroutine still waits for the client, %v after Close:\n%s", lifeMost, stacks("sim"))
	}
}

// faultTime lets the planned faults happen.
func (w *world) faultTime() {
	start := time.Now()
	for _, f := range w.faults {
		if pause(w.chaos, f.at-time.Since(start)) != nil {
			return
		}
		w.history.add("fault", "%s", f.name)
		f.do(w)
	}
}

// after does something later, or as soon as the faults end.
func (w *world) after(d time.Duration, do func()) {
	w.helpers.Go(func() {
		_ = pause(w.chaos, d)
		do()
	})
}

// inject arms faults of the server until the world is healed.
func (w *world) inject(faults ...fault.Fault) {
	disarm := w.srv.Inject(faults...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disarm = append(w.disarm, disarm)
}

// recover ends the faults and their consequences, but for connections that are half-open: to find
// out about these is up to the client.
func (w *world) recover() {
	w.history.add("world", "healed")
	w.heal()
	w.net.heal()
	w.mu.Lock()
	for _, disarm := range w.disarm {
		disarm()
	}
	w.mu.Unlock()
	if len(w.faults) > 0 {
		w.srv.Disconnect()
	}
}

// settle waits until the client is ready again, and shows every subscription that it is alive.
func (w *world) settle() {
	ctx, cancel := context.WithTimeout(context.Background(), readyMost)
	defer cancel()
	err := w.client.Ready(ctx)
	w.history.add("world", "ready: %v", err)
	switch {
	case err == nil:
	case errors.Is(err, client.ErrClosed) || w.client.State() == client.StateDraining:
		w.checkEnd()
		return
	default:
		w.violate("not ready %v after the last fault: %v, state %v", readyMost, err, w.client.State())
		return
	}
	w.recovered = !w.wasEnded()
	close(w.settledOnce())
	_ = pause(context.Background(), settleTime)
	w.probe()
	_ = pause(context.Background(), awaitMost) // every await receives its result, or times out
}

// settledOnce returns the settled channel to be closed, or one that is not used if it is already.
func (w *world) settledOnce() chan struct{} {
	select {
	case <-w.settled:
		return make(chan struct{})
	default:
		return w.settled
	}
}

// close closes the client and takes the time.
func (w *world) close() {
	w.history.add("world", "close")
	start := time.Now()
	w.end()
	if err := w.client.Close(); err != nil {
		w.violate("Close: %v", err)
	}
	if took := time.Since(start); took > closeMost {
		w.violate("Close took %v", took)
	}
	w.history.add("world", "closed")
	if state := w.client.State(); state != client.StateClosed {
		w.violate("the state after Close is %v", state)
	}
}

// violate records that something was wrong.
func (w *world) violate(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	w.history.add("WRONG", "%s", what)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, what)
}
