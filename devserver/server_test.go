package devserver_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
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

func TestARestartWithMemoryKeepsWhatRuns(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("slow", func(context.Context, devserver.Job) error {
			time.Sleep(time.Minute)
			return nil
		})
		p := b.login(format)
		id := p.enqueue("slow", nil)
		b.srv.Restart(true)
		b.ended(p, 0)
		p = b.login(format)
		time.Sleep(time.Hour)
		if job := p.job(id); job.State != client.JobStateCompleted {
			b.Errorf("the job is %s", job.State)
		}
		if stats := must[client.Stats](p, "stats", nil); stats.Broker.TotalPublished != 3 || stats.Broker.SubscriberCount != 1 {
			b.Errorf("the counters are %+v", stats.Broker)
		}
	})
}

func TestARestartWithoutMemoryForgets(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		ended := make(chan error, 2)
		wait := func(ctx context.Context) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}
		b.srv.HandleJob("wait", func(ctx context.Context, _ devserver.Job) error { return wait(ctx) })
		b.srv.HandleWorkflow("wait", func(ctx context.Context, _ *devserver.Run) (any, error) { return nil, wait(ctx) })
		p := b.login(format)
		id := p.enqueue("wait", nil)
		p.begin("wait", nil)
		synctest.Wait()
		b.srv.Restart(false)
		b.ended(p, 0)
		for range 2 {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				b.Errorf("what ran ended with %v", err)
			}
		}
		p = b.login(format)
		if reply, _ := p.ask("job.get", object{"job_id": id}); reply.Error == nil || client.Code(reply.Error.Code) != client.CodeNotFound {
			b.Errorf("the job is %+v", reply)
		}
		if stats := must[client.Stats](p, "stats", nil); stats.Broker.TotalPublished != 0 {
			b.Errorf("the counters are %+v", stats.Broker)
		}
	})
}

func TestCloseEndsEverything(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("wait", func(ctx context.Context, _ devserver.Job) error {
			<-ctx.Done()
			return ctx.Err()
		})
		b.srv.HandleWorkflow("wait", func(_ context.Context, run *devserver.Run) (any, error) {
			return run.WaitForEvent("never", 0)
		})
		p := b.login(format)
		p.enqueue("wait", nil)
		p.begin("wait", nil)
		synctest.Wait()
		if n := b.srv.Conns(); n != 1 {
			b.Errorf("%d connections", n)
		}
		for range 2 {
			if err := b.srv.Close(); err != nil {
				b.Errorf("Close: %v", err)
			}
		}
		b.ended(p, 0)
		if n := b.srv.Conns(); n != 0 {
			b.Errorf("%d connections after Close", n)
		}
		if err := b.srv.Listen("127.0.0.1:0"); !errors.Is(err, devserver.ErrClosed) {
			b.Errorf("Listen: %v", err)
		}
		if _, err := b.srv.FireCron("x", "y", nil); !errors.Is(err, devserver.ErrClosed) {
			b.Errorf("FireCron: %v", err)
		}
	})
}

func TestHooksSeeEveryFrame(t *testing.T) {
	var seen []string
	hook := func(m devserver.Traffic) {
		line := string(m.Dir) + " " + m.Format
		switch {
		case m.Err != nil:
			line += " undecodable"
		case m.Frame != nil:
			line += strings.TrimRight(" "+m.Frame.Type+" "+m.Frame.Method, " ")
		}
		if m.Faulty {
			line += " faulty"
		}
		seen = append(seen, line)
	}
	synctest.Test(t, func(t *testing.T) {
		srv := devserver.New(devserver.WithHook(hook))
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		p := b.login(wire.FormatMsgpack)
		srv.Inject(
			fault.Duplicate(fault.Pongs().Nth(1)), fault.Garbage([]byte("{}"), fault.Pongs().Nth(2)),
			fault.Drop(fault.Pongs().Nth(3)),
		)
		for range 3 {
			p.send(&wire.Frame{Type: wire.TypePing})
			synctest.Wait()
		}
		p.write(1, []byte("x"))
		synctest.Wait()
		if diff := cmp.Diff([]string{
			"in json request auth", "out msgpack response",
			"in msgpack ping", "out msgpack pong", "out msgpack pong faulty",
			"in msgpack ping", "out msgpack faulty",
			"in msgpack ping",
			"in msgpack undecodable", "out msgpack error",
		}, seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSingleFramesAreServedOverHTTP(t *testing.T) {
	t.Parallel()
	srv := start(t)
	url := strings.Replace(srv.URL(), "ws:", "http:", 1) + "/rpc"
	post := func(token, body string) (int, *wire.Frame) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		fr := new(wire.Frame)
		if err := wire.FormatJSON.Decode(text, fr); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		return res.StatusCode, fr
	}
	const ts = `"ts":"2026-11-23T14:29:33Z"`
	enqueue := `{"id":"1","type":"request","method":"job.enqueue","data":{"name":"x","payload":1},` + ts
	for body, want := range map[string]int{
		enqueue + `}`: 200,
		`{"id":"2","type":"request","method":"no.such",` + ts + `}`:                             405,
		`{"id":"2","type":"request","method":"subscribe","data":{"channel":"jobs"},` + ts + `}`: 200,
		`{"id":"3","type":"ping",` + ts + `}`:                                                   405,
		`nonsense`:                                                                              400,
	} {
		if status, fr := post(devserver.DefaultToken, body); status != want || fr.Error != nil && int(fr.Error.Code) != want {
			t.Errorf("%s: status %d, frame %+v", body, status, fr)
		}
	}
	if status, _ := post("wrong", enqueue+`}`); status != http.StatusUnauthorized {
		t.Errorf("a wrong token: status %d", status)
	}
	if status, fr := post("", enqueue+`,"token":"`+devserver.DefaultToken+`"}`); status != 200 || fr.CorrelID != "1" {
		t.Errorf("the token in the frame: status %d, frame %+v", status, fr)
	}
	if n := len(srv.Journal()); n != 2 {
		t.Errorf("%d jobs were enqueued", n)
	}
}

func TestEventsAreStreamedOverHTTP(t *testing.T) {
	t.Parallel()
	all := devserver.Identity{Scopes: []string{client.ScopeAll}}
	srv := start(t, devserver.WithToken(devserver.DefaultToken, all), devserver.WithToken("read", devserver.Identity{Scopes: []string{client.ScopeJobRead}}))
	url := strings.Replace(srv.URL(), "ws:", "http:", 1) + "/sse?token="
	get := func(query string) *http.Response {
		t.Helper()
		res, err := http.Get(url + query)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	for _, query := range []string{"", "wrong&channel=jobs", "read&channel=jobs", devserver.DefaultToken, devserver.DefaultToken + "&channel="} {
		res := get(query)
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || string(body) != "retry: 3000\n\n" {
			t.Errorf("%s: %s, %q, %v", query, res.Status, body, err)
		}
	}
	silent := get(devserver.DefaultToken + "&channel=bogus")
	res := get(devserver.DefaultToken + "&channel=jobs")
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	srv.Publish(client.EventJobStarted, "job:1", object{})
	lines := bufio.NewScanner(res.Body)
	for _, want := range []string{"retry: 3000", "", "event: job.started", `data: {"type":"job.started","ts":`} {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
	}
	srv.Close()
	for lines.Scan() {
	}
	if body, _ := io.ReadAll(silent.Body); string(body) != "retry: 3000\n\n" {
		t.Errorf("a channel that does not exist: %q", body)
	}
}

func TestARequestMayNotSayMoreThanThatItIsJSON(t *testing.T) {
	t.Parallel()
	srv := start(t)
	url := strings.Replace(srv.URL(), "ws:", "http:", 1)
	for contentType, want := range map[string]int{
		"": 200, "application/json": 200, "application/json; charset=utf-8": 400, "text/plain": 400, "application/msgpack": 400,
	} {
		for _, path := range []string{"/rpc", "/rpc/"} {
			got := ask(t, url, request{"POST", path, http.Header{"Content-Type": {contentType}}, `{"id":"1","method":"stats","token":"dk_live_abc123"} x`})
			if !strings.HasPrefix(got, strconv.Itoa(want)) {
				t.Errorf("%s as %q: %s", path, contentType, got)
			}
		}
	}
}

func TestThePanicOfAWorkflowDropsARequest(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.HandleWorkflow("panics", func(context.Context, *devserver.Run) (any, error) { panic("oh") })
	res, err := http.Post(strings.Replace(srv.URL(), "ws:", "http:", 1)+"/rpc", "application/json",
		strings.NewReader(`{"id":"1","method":"workflow.start","data":{"name":"panics"},"token":"dk_live_abc123"}`))
	if err == nil {
		res.Body.Close()
		t.Errorf("it is answered with %s", res.Status)
	}
	if n := len(srv.Journal("workflow.start")); n == 0 {
		t.Error("no workflow was started")
	}
}

func TestStreamedEventsCostNoCredits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := devserver.New(devserver.WithCredits(2))
		transport := &http.Transport{DialContext: serveInMemory(t, srv).Dial}
		defer transport.CloseIdleConnections()
		res, err := (&http.Client{Transport: transport}).Get("http://server/dwp/sse?token=" + devserver.DefaultToken + "&channel=jobs")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for range 10 {
			srv.Publish(client.EventJobStarted, "job:1", object{})
		}
		time.AfterFunc(time.Minute, srv.Disconnect) // which ends the stream
		n := 0
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "event: ") {
				n++
			}
		}
		if n != 10 {
			t.Errorf("%d of 10 events came", n)
		}
	})
}
