package dwptest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/dwptest"
	"github.com/xraph/dispatch/internal/leak"
	"github.com/xraph/dispatch/internal/websock"
)

func TestMain(m *testing.M) { leak.Check(m) }

func TestAClientTalksToItsServer(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "msgpack"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			srv, c := dwptest.New(t, dwptest.WithClient(client.WithFormat(format)))
			srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
			result, err := c.Enqueue(t.Context(), "send-email", map[string]string{"to": "ann"})
			if err != nil {
				t.Fatal(err)
			}
			other := srv.Dial()
			if job, err := other.AwaitJob(t.Context(), result.JobID); err != nil || job.State != client.JobStateCompleted {
				t.Errorf("the job: %+v, %v", job, err)
			}
		})
	}
}

func TestTimeIsTheBubbles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := dwptest.New(t, dwptest.InMemory())
		srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("kaboom") })
		begin := time.Now()
		result, err := c.Enqueue(t.Context(), "boom", nil)
		if err != nil {
			t.Fatal(err)
		}
		job, err := c.AwaitJob(t.Context(), result.JobID)
		if err != nil || job.State != client.JobStateFailed || job.RetryCount != 4 {
			t.Errorf("the job: %+v, %v", job, err)
		}
		if took := time.Since(begin); took != 7*time.Second { // the back-offs
			t.Errorf("it took %v", took)
		}
	})
}

func TestAJobWithoutAHandlerIsLoggedWithTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	_, c := dwptest.New(r)
	for _, opts := range [][]client.EnqueueOption{nil, {client.WithQueue("critical")}} {
		if _, err := c.Enqueue(t.Context(), "unknown", nil, opts...); err != nil {
			t.Fatal(err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if logged := strings.Join(r.logged, ""); len(r.logged) != 2 || !strings.Contains(logged, "name=unknown") || !strings.Contains(logged, "WithAllQueues") {
		t.Errorf("it logged %q", r.logged)
	}
}

// TestAViolationFailsTheTestThatTheServerTakes sends what production servers take and the schema
// does not allow.
func TestAViolationFailsTheTestThatTheServerTakes(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]devserver.Option{"by default": nil, "strict": {devserver.WithStrict()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{TB: t}
			srv := dwptest.NewServer(r, dwptest.WithServer(opts...))
			d := ws.Dialer{}
			c, _, _, err := d.Dial(t.Context(), srv.URL())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			in := websock.NewReader(c, websock.Options{Side: ws.StateClientSide})
			say := func(frame string) string {
				if _, err := c.Write(websock.Append(nil, ws.StateClientSide, ws.OpText, []byte(frame))); err != nil {
					t.Fatal(err)
				}
				_, reply, err := in.Next()
				if err != nil {
					t.Fatal(err)
				}
				return string(reply)
			}
			const ts = `"ts":"2026-11-26T10:00:00Z"}`
			say(`{"id":"a","type":"request","method":"auth","token":"dk_live_abc123","data":{"token":"dk_live_abc123"},` + ts)
			reply := say(`{"id":"x","id":"r","type":"request","method":"stats",` + ts)
			if refused := strings.Contains(reply, `"code":400`); refused != (opts != nil) {
				t.Errorf("the answer is %s", reply)
			}
			srv.Close() // everything is checked then
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.failures) != 1 || !strings.Contains(r.failures[0], "the client violates the schema") {
				t.Errorf("the failures are %q", r.failures)
			}
		})
	}
}

// recorder is a test that notes its failures.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	logged   []string
}

func (r *recorder) Log(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logged = append(r.logged, fmt.Sprint(args...))
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestAViolationFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []dwptest.Option
		want []string
	}{
		"by default": {nil, []string{
			`the client violates the schema on connection 1: the schema has no method "job.pause": {`,
			`the server violates the schema on connection 1: a response to "job.pause", of which the schema knows none: {`,
			`the client violates the schema on connection 1: the data of job.get: missing properties: 'job_id' at "": {`,
			`the server violates the schema on connection 1: the response to stats: missing properties: 'broker', 'connections' at "": {`,
		}},
		"with a method allowed": {[]dwptest.Option{dwptest.AllowMethods("job.pause", "stats")}, []string{
			`the client violates the schema on connection 1: the data of job.get: `,
		}},
		"with everything allowed": {[]dwptest.Option{dwptest.AllowViolations(func(dwptest.Violation) bool { return true })}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{TB: t}
			srv, c := dwptest.New(r, test.opts...)
			empty := func(context.Context, []byte) (any, error) { return struct{}{}, nil }
			srv.HandleRaw("job.pause", func(ctx context.Context, data json.RawMessage) (any, error) { return empty(ctx, data) })
			srv.HandleRaw("stats", func(ctx context.Context, data json.RawMessage) (any, error) { return empty(ctx, data) })
			if err := c.Call(t.Context(), "job.pause", struct{}{}, nil); err != nil {
				t.Error(err)
			}
			if err := c.Call(t.Context(), client.MethodJobGet, struct{}{}, nil); !errors.Is(err, client.ErrBadRequest) {
				t.Error(err)
			}
			if _, err := c.Stats(t.Context()); err != nil {
				t.Error(err)
			}
			srv.Close() // waits for the checks
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.failures) != len(test.want) {
				t.Fatalf("failures: %q", r.failures)
			}
			for i, want := range test.want {
				if !strings.HasPrefix(r.failures[i], "dwptest: "+want) {
					t.Errorf("failure %d is %s, want %s", i, r.failures[i], want)
				}
			}
		})
	}
}

// ended is a recorder whose cleanups a test calls itself.
type ended struct {
	recorder
	cleanups []func()
	failed   bool
	logs     []string
}

func (e *ended) Cleanup(f func()) { e.cleanups = append(e.cleanups, f) }
func (e *ended) Failed() bool     { return e.failed }

func (e *ended) Logf(format string, args ...any) {
	e.logs = append(e.logs, fmt.Sprintf(format, args...))
}

func (e *ended) end() {
	for _, v := range slices.Backward(e.cleanups) {
		v()
	}
}

func TestFaultsThatDidNothingFailTheTest(t *testing.T) {
	t.Parallel()
	reports := []string{
		"dwptest: the fault drop:events never acted; it matched 0 times (see AllowIdleFaults)",
		`dwptest: the fault cut:after=job.enqeue,stats:skip=9:first=1 names the unknown method "job.enqeue" (see AllowMethods)`,
		"dwptest: the fault drop:pings:first=1 never acted; it matched 0 times (see AllowIdleFaults)",
		"dwptest: the fault delay:after=stats:1ms:skip=1 never acted; it matched 1 times (see AllowIdleFaults)",
	}
	for name, test := range map[string]struct {
		opts         []dwptest.Option
		failed       bool
		errors, logs []string
	}{
		"by default":           {nil, false, reports, nil},
		"in a failed test":     {nil, true, nil, reports},
		"with idle faults":     {[]dwptest.Option{dwptest.AllowIdleFaults()}, false, reports[1:2], nil},
		"with any violation":   {[]dwptest.Option{dwptest.AllowViolations(func(dwptest.Violation) bool { return true })}, false, reports, nil},
		"with the method, too": {[]dwptest.Option{dwptest.AllowIdleFaults(), dwptest.AllowMethods("job.enqeue")}, false, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &ended{recorder: recorder{TB: t}, failed: test.failed}
			srv, c := dwptest.New(e, test.opts...)
			srv.Inject(
				fault.Cut(fault.Replies("job.enqeue", client.MethodStats).Nth(10)), fault.Drop(fault.Pings().Nth(1)),
				fault.Delay(time.Millisecond, fault.Replies(client.MethodStats).Skip(1)), fault.Refuse(500, "no", fault.Requests(client.MethodJobGet)),
			)
			srv.Inject(fault.Drop(fault.Events()))() // disarmed
			if _, err := c.Stats(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := c.GetJob(t.Context(), "x"); !errors.Is(err, client.ErrInternal) {
				t.Error(err)
			}
			e.end()
			if diff := cmp.Diff(test.errors, e.failures); diff != "" {
				t.Errorf("errors: %s", diff)
			}
			if diff := cmp.Diff(test.logs, e.logs); diff != "" {
				t.Errorf("logs: %s", diff)
			}
		})
	}
}

// slow is a recorder that takes a second to record the first failure.
type slow struct {
	ended
	once sync.Once
}

func (s *slow) Errorf(format string, args ...any) {
	s.once.Do(func() { time.Sleep(time.Second) })
	s.ended.Errorf(format, args...)
}

// TestEveryFrameIsCheckedHoweverManyThereAre has more frames wait to be checked than there is room
// for.
func TestEveryFrameIsCheckedHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{ended: ended{recorder: recorder{TB: t}}}
		srv, c := dwptest.New(s, dwptest.InMemory())
		srv.HandleRaw("stats", func(context.Context, json.RawMessage) (any, error) { return struct{}{}, nil })
		const calls = 3000 // which makes 6000 frames
		for range calls {
			if _, err := c.Stats(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		s.end()
		if n := len(s.failures); n != calls {
			t.Errorf("%d violations were reported, want %d", n, calls)
		}
	})
}

// TestARequestAlteredByAFaultIsNotAViolation makes the server answer requests that the client did
// not send.
func TestARequestAlteredByAFaultIsNotAViolation(t *testing.T) {
	t.Parallel()
	for name, rewrite := range map[string]func(*fault.Frame){
		"another method": func(fr *fault.Frame) { fr.Method, fr.Data = client.MethodStats, nil },
		"another id":     func(fr *fault.Frame) { fr.ID = "other" },
		"no data":        func(fr *fault.Frame) { fr.Data = nil },
		"a ping":         func(fr *fault.Frame) { fr.Type = "ping" },
		"no method":      func(fr *fault.Frame) { fr.Method = "" },
	} {
		for _, format := range []string{"json", "msgpack"} {
			t.Run(name+"/"+format, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					e := &ended{recorder: recorder{TB: t}}
					srv, c := dwptest.New(e, dwptest.InMemory(), dwptest.WithClient(client.WithFormat(format)))
					srv.Inject(fault.Rewrite(rewrite, fault.Requests(client.MethodJobEnqueue)), fault.Duplicate(fault.Requests(client.MethodJobEnqueue)))
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					if _, err := c.Enqueue(ctx, "x", nil); err == nil {
						t.Error("the client has a receipt")
					}
					e.end()
					if diff := cmp.Diff([]string(nil), e.failures); diff != "" {
						t.Error(diff)
					}
				})
			})
		}
	}
}
