package devserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/websock"
)

// This file puts the frames of testdata/answers.txt to a server, as the production server was put
// them.

// answering is a server with the handlers that the production server had.
func answering(opts ...devserver.Option) *devserver.Server {
	srv := devserver.New(append([]devserver.Option{
		devserver.WithToken(devserver.DefaultToken, devserver.Identity{AppID: "app-1", OrgID: "org-1", Scopes: []string{client.ScopeAll}}),
		devserver.WithQueues("default", "critical"),
		devserver.WithToken("dk_read", devserver.Identity{AppID: "app-1", OrgID: "org-1", Scopes: []string{client.ScopeJobRead}}),
		// Production draws its delays at random.
		devserver.WithBackoff(func(attempt int) time.Duration { return time.Duration(attempt) * time.Second }),
	}, opts...)...)
	srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
	srv.HandleJob("slow", func(context.Context, devserver.Job) error {
		time.Sleep(2 * time.Second)
		return nil
	})
	srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("boom!") })
	srv.HandleWorkflow("order-pipeline", func(_ context.Context, run *devserver.Run) (any, error) {
		for _, step := range []struct {
			name string
			made any
		}{{"validate", nil}, {"charge", 19.99}, {"ship", nil}} {
			if err := run.Step(step.name, func(context.Context) (any, error) { return step.made, nil }); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	srv.HandleWorkflow("panic-pipeline", func(context.Context, *devserver.Run) (any, error) {
		time.Sleep(time.Millisecond) // the event of the start is on its way
		panic("oh")
	})
	srv.HandleWorkflow("wait-payment", func(_ context.Context, run *devserver.Run) (any, error) {
		_, err := run.WaitForEvent("payment-received", 5*time.Second)
		return nil, err
	})
	return srv
}

// conversation is a connection on which a case is replayed.
type conversation struct {
	t       *testing.T
	net     net.Conn
	msgpack bool
	lines   chan string // what came, in the notation
	closed  chan struct{}

	mu  sync.Mutex
	ids map[string]string // the last ids that came, by their kind
}

func converse(t *testing.T, e exchange, dial func(context.Context, string, string) (net.Conn, error)) *conversation {
	t.Helper()
	d := ws.Dialer{NetDial: dial}
	c, r, _, err := d.Dial(t.Context(), "ws://server/dwp")
	if err != nil {
		t.Fatal(err)
	}
	if r != nil {
		t.Fatal("a frame came with the upgrade")
	}
	v := &conversation{
		t: t, net: c, lines: make(chan string, 1000), closed: make(chan struct{}),
		ids: map[string]string{
			"job": "job_01h2xcejqtf2nbrexx3vqjhp41", "wfrun": "wfrun_01h2xcejqtf2nbrexx3vqjhp41", "evt": "evt_01h2xcejqtf2nbrexx3vqjhp41",
		},
	}
	go v.read()
	t.Cleanup(func() { c.Close(); <-v.closed })
	if !strings.HasPrefix(e.name, "auth ") && !strings.HasPrefix(e.name, "first ") {
		v.login(e.name)
	}
	return v
}

// login authenticates as the case's name says.
func (v *conversation) login(name string) {
	token, format := devserver.DefaultToken, "json"
	if strings.Contains(name, "dk_read") {
		token = "dk_read"
	}
	if strings.HasPrefix(name, "mp ") {
		format = "msgpack"
	}
	v.write(ws.OpText, []byte(`{"id":"a","type":"request","method":"auth","token":"`+token+`","data":{"token":"`+token+`","format":"`+format+`"}}`))
	<-v.lines
	v.msgpack = format == "msgpack"
}

func (v *conversation) read() {
	defer close(v.closed)
	in := websock.NewReader(v.net, websock.Options{
		Side: ws.StateClientSide,
		Control: func(op ws.OpCode, payload []byte) error {
			if op == ws.OpClose {
				code, reason := ws.ParseCloseFrameData(payload)
				v.lines <- fmt.Sprintf("CLOSE %d %q", code, reason)
			}
			return nil
		},
	})
	for {
		_, message, err := in.Next()
		if err != nil {
			end := "END eof"
			if errors.Is(err, syscall.ECONNRESET) {
				end = "END reset"
			}
			v.lines <- end
			return
		}
		v.learn(message)
		if len(message) > 0 && message[0] == '{' {
			v.lines <- "T " + reason.ReplaceAllString(printJSON(message), "${1}*")
			continue
		}
		var b strings.Builder
		printMsgpack(&b, "", message)
		v.lines <- "T " + b.String()
	}
}

var anyID = regexp.MustCompile(`\b(job|wfrun|evt)_[0-9a-hjkmnp-tv-z]{26}\b`)

// learn remembers the ids in a message that is no error.
func (v *conversation) learn(message []byte) {
	if bytes.Contains(message, []byte("error")) {
		return
	}
	message = message[:min(len(message), 10_000)]
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range anyID.FindAllSubmatch(message, -1) {
		v.ids[string(id[1])] = string(id[0])
	}
}

func (v *conversation) write(op ws.OpCode, message []byte) {
	if _, err := v.net.Write(websock.Append(nil, ws.StateClientSide, op, message)); err != nil {
		v.t.Logf("write: %v", err)
	}
}

// send sends what a step says.
func (v *conversation) send(s string) {
	v.t.Helper()
	if what, ok := strings.CutPrefix(s, "pause "); ok {
		ms, err := strconv.Atoi(what)
		if err != nil {
			v.t.Fatal(err)
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
		return
	}
	if what, ok := strings.CutPrefix(s, "raw "); ok {
		v.raw(what)
		return
	}
	if what, ok := strings.CutPrefix(s, "enqueue "); ok {
		n, err := strconv.Atoi(what)
		if err != nil {
			v.t.Fatal(err)
		}
		v.write(ws.OpText, []byte(`{"id":"r1","type":"request","method":"job.enqueue","data":{"name":"send-email","payload":"`+strings.Repeat("x", n)+`"}}`))
		return
	}
	v.mu.Lock()
	for kind, id := range v.ids {
		s = strings.ReplaceAll(s, kind+"_ID", id)
	}
	v.mu.Unlock()
	if what, ok := strings.CutPrefix(s, "msgpack "); ok {
		what, trailing, _ := strings.Cut(what, " then ")
		message := append(v.deep(what), bytesOf(v.t, trailing)...)
		v.write(ws.OpBinary, message)
		return
	}
	op := ws.OpText
	if v.msgpack {
		op = ws.OpBinary
	}
	s = strings.ReplaceAll(s, `"TS"`, `"2026-11-26T10:00:00Z"`)
	v.write(op, deepJSON(bytesOf(v.t, s)))
}

// cut is how the frames that were too long to be recorded as they are end.
var cut = regexp.MustCompile(`(\[+|x+)…\((\d+)\)$`)

// deepJSON completes a frame of so many bytes: nested arrays, or a long string that ends data.
func deepJSON(s []byte) []byte {
	m := cut.FindSubmatchIndex(s)
	if m == nil {
		return s
	}
	head := s[:m[2]]
	size, _ := strconv.Atoi(string(s[m[4]:m[5]]))
	left, right, end := "[", "]", "}"
	switch {
	case s[m[2]] == 'x':
		left, right, end = "x", "x", `"}}`
	case bytes.Contains(head, []byte(`"payload":`)):
		end = "}}"
	}
	n := (size - len(head) - len(end)) / 2
	return slices.Concat(head, bytes.Repeat([]byte(left), n), bytes.Repeat([]byte(right), n), []byte(end))
}

// deep makes msgpack, of which an unknown member may be nested arrays that fill it to so many
// bytes.
func (v *conversation) deep(s string) []byte {
	m := cut.FindStringSubmatchIndex(s)
	if m == nil {
		return parseMsgpack(v.t, s)
	}
	size, _ := strconv.Atoi(s[m[4]:m[5]])
	head := parseMsgpack(v.t, s[:m[2]]+"nil}")
	head = head[:len(head)-1]
	return slices.Concat(head, bytes.Repeat([]byte{0x91}, size-len(head)-1), []byte{0xc0})
}

// raw sends what is not a message.
func (v *conversation) raw(what string) {
	v.t.Helper()
	// at once: the server may close the connection when it has seen the header
	write := func(f ws.Frame) {
		message, err := ws.CompileFrame(f)
		if err == nil {
			_, err = v.net.Write(message)
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	switch what {
	case "close 1 byte":
		write(ws.MaskFrame(ws.NewCloseFrame([]byte{3})))
	case "close 999":
		write(ws.MaskFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(999, ""))))
	case "unmasked":
		write(ws.NewTextFrame([]byte(`{"id":"r","type":"ping"}`)))
	case "rsv1":
		f := ws.NewTextFrame([]byte(`{"id":"r","type":"ping"}`))
		f.Header.Rsv = ws.Rsv(true, false, false)
		write(ws.MaskFrame(f))
	case "cont":
		write(ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, []byte(`{"id":"r","type":"ping"}`))))
	case "ping 126":
		write(ws.MaskFrame(ws.NewPingFrame(make([]byte, 126))))
	case "len 2^62":
		if err := ws.WriteHeader(v.net, ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Length: 1 << 62}); err != nil {
			v.t.Fatal(err)
		}
	default:
		v.t.Fatalf("what is %q", what)
	}
}

// answers are the lines that come until nothing has come for a quarter of a second; or, if fewer
// came than are wanted, for ten.
func (v *conversation) answers(want int) (lines []string) {
	patience := 10 * time.Second
	for {
		wait := 250 * time.Millisecond
		if len(lines) < want {
			wait = patience
		}
		select {
		case line := <-v.lines:
			lines = append(lines, line)
		case <-time.After(wait):
			return lines
		}
	}
}

// replayInMemory replays a case on a server of its own.
func replayInMemory(t *testing.T, e exchange) (differences []difference) {
	synctest.Test(t, func(t *testing.T) {
		l := serveInMemory(t, answering())
		if e.name == "job never" {
			earlier(t, l.Dial)
		}
		v := converse(t, e, l.Dial)
		for i, s := range e.steps {
			if s.skipped {
				break
			}
			v.send(s.send)
			differences = append(differences, compare(e, i, v.answers(len(s.answers)))...)
		}
	})
	return differences
}

// earlier enqueues the jobs that had no handler and were started anew during the case "job never".
func earlier(t *testing.T, dial func(context.Context, string, string) (net.Conn, error)) {
	v := converse(t, exchange{}, dial)
	for _, name := range []string{"x", "x", "", "", "", "", ""} {
		v.send(`{"id":"r1","type":"request","method":"job.enqueue","data":{"name":"` + name + `"},"ts":"TS"}`)
		<-v.lines
		time.Sleep(time.Millisecond)
	}
	time.Sleep(35 * time.Second)
}

// replayOnLoopback replays a case whose connection may be reset, or that keeps a server busy. It
// waits for an answer to each step.
func replayOnLoopback(t *testing.T, e exchange) (differences []difference) {
	srv := answering()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	address := strings.TrimSuffix(strings.TrimPrefix(srv.URL(), "ws://"), "/dwp")
	v := converse(t, e, func(context.Context, string, string) (net.Conn, error) { return net.Dial("tcp", address) })
	for i, s := range e.steps {
		v.send(s.send)
		lines := []string{<-v.lines}
		for len(lines) < len(s.answers) {
			lines = append(lines, <-v.lines)
		}
		differences = append(differences, compare(e, i, lines)...)
	}
	return differences
}
