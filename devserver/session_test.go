package devserver_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

func TestTheFirstFrameAuthenticates(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		for name, first := range map[string]*wire.Frame{
			"a wrong token": {Type: wire.TypeRequest, Method: "auth", Token: "wrong", Data: raw(b.T, &wire.AuthRequest{Token: "wrong", Format: format})},
			"no token":      {Type: wire.TypeRequest, Method: "auth"},
		} {
			p, _, err := b.dial()
			if err != nil {
				b.Fatal(err)
			}
			id := p.send(first)
			reply := p.next()
			if reply.Error == nil || client.Code(reply.Error.Code) != client.CodeUnauthorized || reply.CorrelID != id {
				b.Errorf("%s is answered with %+v", name, reply)
			}
			b.ended(p, 0)
		}
	})
}

func TestTheTokenMayStandOnTheFrame(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p, _, err := b.dial()
		if err != nil {
			b.Fatal(err)
		}
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "auth", Token: devserver.DefaultToken, Data: raw(b.T, object{"format": format, "hint": "ignored"})})
		if reply := p.next(); reply.Type != wire.TypeResponse {
			b.Errorf("the reply is %+v", reply)
		}
	})
}

func TestAnUnknownFormatIsAnsweredWithJSON(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		p, _, err := b.dial()
		if err != nil {
			b.Fatal(err)
		}
		if got := must[wire.AuthResult](p, "auth", object{"token": devserver.DefaultToken, "format": "cbor"}); got.Format != wire.FormatJSON {
			b.Errorf("the format is %q", got.Format)
		}
		must[client.Stats](p, "stats", nil)
	})
}

func TestAPingIsAnsweredBeforeItsCreditsCount(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithCredits(0)}, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		at := time.Date(2026, 11, 23, 14, 29, 33, 5, time.UTC)
		id := p.send(&wire.Frame{Type: wire.TypePing, Credits: 1, TS: at})
		if fr := p.next(); fr.Type != wire.TypePong || fr.CorrelID != id || !fr.TS.Equal(at) {
			b.Errorf("the pong is %+v", fr)
		}
		synctest.Wait()
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		p.event()
	})
}

func TestAFrameWithCreditsGetsNoReply(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats", Credits: 5})
		p.send(&wire.Frame{Type: wire.TypeEvent, Credits: 5})
		b.silent(p)
	})
}

func TestFramesAreHandledOneAfterAnother(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("slow", func(context.Context, *devserver.Run) (any, error) {
			time.Sleep(time.Minute)
			return nil, nil
		})
		p := b.login(format)
		start := p.send(&wire.Frame{Type: wire.TypeRequest, Method: "workflow.start", Data: raw(b.T, object{"name": "slow", "input": nil})})
		ping := p.send(&wire.Frame{Type: wire.TypePing})
		begin := time.Now()
		for _, want := range []string{start, ping} {
			if fr := p.next(); fr.CorrelID != want {
				b.Errorf("want the answer to %s, got %+v", want, fr)
			}
		}
		if took := time.Since(begin); took != time.Minute {
			b.Errorf("the answers took %v", took)
		}
	})
}

func TestRequestsAreRefusedForTheirMistakes(t *testing.T) {
	readOnly := devserver.Identity{Scopes: []string{client.ScopeJobRead}}
	opts := []devserver.Option{
		devserver.WithToken(devserver.DefaultToken, devserver.Identity{Scopes: []string{client.ScopeAll}}),
		devserver.WithToken("read", readOnly),
		devserver.WithToken("write", devserver.Identity{Scopes: []string{client.ScopeJobWrite, client.ScopeWorkflowWrite}}),
		devserver.WithToken("admin", devserver.Identity{Scopes: []string{"admin"}}),
	}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		all := b.login(format)
		reader, writer, admin := b.loginWith("read", format), b.loginWith("write", format), b.loginWith("admin", format)
		job, run := "job_01h2xcejqtf2nbrexx3vqjhp41", "wfrun_01h2xcejqtf2nbrexx3vqjhp41"
		for _, test := range []struct {
			p       *peer
			method  string
			data    any
			code    uint32
			message string
		}{
			{all, "", nil, 405, "unknown method: "},
			{all, "no.such", object{}, 405, "unknown method: no.such"},
			{all, "job.list", object{}, 405, "unknown method: job.list"},
			{all, "auth", object{"token": "x"}, 405, "unknown method: auth"},
			{all, "job.get", nil, 400, "invalid request: unexpected end of JSON input"},
			{all, "job.get", object{"job_id": "nope"}, 400, `invalid job ID: id: parse "nope": typeid: suffix length must be 26, got 4`},
			{all, "job.get", object{"job_id": "job_x"}, 400, `invalid job ID: id: parse "job_x": typeid: suffix length must be 26, got 1`},
			{all, "job.get", object{"job_id": run}, 400, `invalid job ID: id: expected prefix "job", got "wfrun"`},
			{all, "job.get", object{"job_id": job}, 404, "job not found: dispatch: job not found"},
			{all, "job.cancel", object{"job_id": job}, 404, "job not found"},
			{all, "workflow.get", object{"run_id": job}, 400, `invalid run ID: id: expected prefix "wfrun", got "job"`},
			{all, "workflow.get", object{"run_id": run}, 404, "workflow run not found: dispatch: workflow run not found"},
			{all, "federation.event", object{}, 405, "federation not enabled"},
			{all, "workflow.start", object{"name": "nope", "input": 1}, 500, `workflow start failed: no workflow registered for "nope"`},
			{all, "subscribe", object{"channel": "bogus"}, 400, `stream: invalid topic "bogus"`},
			{all, "subscribe", object{"channel": "job:"}, 400, `stream: invalid topic "job:"`},
			{all, "subscribe", object{"channel": "cron:x"}, 400, `stream: unknown topic entity type "cron"`},
			{all, "subscribe", object{"channel": "jobs", "credits": "x"}, 400, ""},
			{all, "subscribe", object{"channel": 1}, 400, ""},
			{reader, "job.get", object{"job_id": job}, 404, "job not found: dispatch: job not found"},
			{reader, "job.enqueue", "not an object", 403, "insufficient permissions"},
			{reader, "job.cancel", object{"job_id": job}, 403, "insufficient permissions"},
			{reader, "workflow.start", object{"name": "nope"}, 403, "insufficient permissions"},
			{reader, "workflow.get", object{"run_id": run}, 403, "insufficient permissions"},
			{reader, "workflow.timeline", object{"run_id": run}, 403, "insufficient permissions"},
			{reader, "workflow.event", object{"name": "x"}, 403, "insufficient permissions"},
			{reader, "subscribe", object{"channel": "jobs"}, 403, "insufficient permissions"},
			{reader, "unsubscribe", object{"channel": "jobs"}, 403, "insufficient permissions"},
			{reader, "stats", nil, 403, "insufficient permissions"},
			{reader, "", nil, 405, "unknown method: "},
			{reader, "auth", nil, 405, "unknown method: auth"},
			{reader, "job.list", nil, 405, "unknown method: job.list"},
			{reader, "job.such", nil, 403, "insufficient permissions"},
			{reader, "workflow.such", nil, 403, "insufficient permissions"},
			{reader, "no.such", nil, 403, "insufficient permissions"},
			{writer, "job.such", nil, 405, "unknown method: job.such"},
			{writer, "workflow.such", nil, 405, "unknown method: workflow.such"},
			{writer, "job", nil, 403, "insufficient permissions"},
			{writer, "no.such", nil, 403, "insufficient permissions"},
			{admin, "no.such", nil, 405, "unknown method: no.such"},
			{admin, "job.such", nil, 403, "insufficient permissions"},
		} {
			reply, _ := test.p.ask(test.method, test.data)
			if reply.Error == nil {
				b.Errorf("%s %v: %s", test.method, test.data, reply.Data)
				continue
			}
			got := fmt.Sprint(reply.Error.Code, " ", reply.Error.Message)
			if want := fmt.Sprint(test.code, " ", test.message); got != want && test.message != "" || reply.Error.Code != test.code {
				b.Errorf("%s %v:\n got %s\nwant %s", test.method, test.data, got, want)
			}
		}
	})
}

func TestOnlyAuthComesFirst(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		for first, want := range map[string]string{
			`{"id":"1","type":"request","method":"stats","token":"dk_live_abc123"}`: "1: first frame must be auth",
			`{"id":"1","type":"ping"}`: "1: first frame must be auth",
			`null`:                     ": first frame must be auth",
			`[]`:                       ": invalid auth frame",
			`{"id":"1","method":"auth","data":{"token":5}}`:          "1: invalid auth data",
			`{"id":"1","method":"auth","data":null,"token":"wrong"}`: "1: authentication failed",
		} {
			p, _, err := b.dial()
			if err != nil {
				b.Fatal(err)
			}
			p.write(ws.OpText, []byte(first))
			reply := p.next()
			if reply.Error == nil || reply.CorrelID+": "+reply.Error.Message != want {
				b.Errorf("%s is answered with %+v", first, reply)
			}
			b.ended(p, 0)
		}
	})
}

// TestAForbiddenMethodWithCreditsGrantsNothing subscribes with one token, whose connection is the
// only one.
func TestAForbiddenMethodWithCreditsGrantsNothing(t *testing.T) {
	subscriber := devserver.Identity{Scopes: []string{client.ScopeSubscribe}}
	inBubble(t, []devserver.Option{devserver.WithCredits(0), devserver.WithToken("sub", subscriber)}, func(b *bubble, format wire.Format) {
		p := b.loginWith("sub", format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "stats", Credits: 5})
		if fr := p.next(); fr.Error == nil || client.Code(fr.Error.Code) != client.CodeForbidden {
			b.Errorf("the answer is %+v", fr)
		}
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		b.silent(p)
		p.send(&wire.Frame{Type: wire.TypeRequest, Method: "subscribe", Credits: 1})
		synctest.Wait()
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		p.event()
	})
}

func TestAMethodServedByNameWantsItsScope(t *testing.T) {
	opts := []devserver.Option{
		devserver.WithToken("read", devserver.Identity{Scopes: []string{client.ScopeJobRead}}),
		devserver.WithToken("report", devserver.Identity{Scopes: []string{"report:read", client.ScopeStatsRead}}),
	}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		ok := func(context.Context, jsonText) (any, error) { return "ok", nil }
		b.srv.HandleRaw("report.list", ok, "report:read")
		b.srv.HandleRaw("report.count", ok, "report:read", client.ScopeJobRead)
		b.srv.HandleRaw("hello", ok, "")
		b.srv.HandleRaw("other", ok)
		b.srv.HandleRaw("job.pause", ok)
		b.srv.HandleRaw("stats", ok)
		for token, want := range map[string][]string{"read": {"hello"}, "report": {"hello", "report.list", "stats"}} {
			p := b.loginWith(token, format)
			var served []string
			for _, method := range []string{"hello", "job.pause", "other", "report.count", "report.list", "stats"} {
				reply, _ := p.ask(method, nil)
				switch {
				case reply.Error == nil:
					served = append(served, method)
				case client.Code(reply.Error.Code) != client.CodeForbidden:
					b.Errorf("%s: %+v", method, reply.Error)
				}
			}
			if diff := cmp.Diff(want, served); diff != "" {
				b.Errorf("%s: %s", token, diff)
			}
		}
	})
}

func TestAMethodIsServedByName(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleRaw("job.pause", func(_ context.Context, data jsonText) (any, error) {
			switch string(data) {
			case `{"job_id":"1"}`:
				return object{"paused": true}, nil
			case `{"job_id":"panic"}`:
				panic("at the disco")
			}
			return nil, devserver.Errorf(client.CodeConflict, "job %s is not running", data)
		})
		p := b.login(format)
		if diff := cmp.Diff(object{"paused": true}, must[object](p, "job.pause", object{"job_id": "1"})); diff != "" {
			b.Error(diff)
		}
		if reply, _ := p.ask("job.pause", 2); reply.Error == nil || reply.Error.Code != 409 || reply.Error.Message != "job 2 is not running" {
			b.Errorf("the refusal is %+v", reply.Error)
		}
		if reply, _ := p.ask("job.pause", object{"job_id": "panic"}); reply.Error == nil || reply.Error.Code != 500 {
			b.Errorf("the panic is answered with %+v", reply)
		}
	})
}

func TestAMethodThatIsRemovedIsServedAsBefore(t *testing.T) {
	opts := []devserver.Option{devserver.WithToken("reader", devserver.Identity{Scopes: []string{client.ScopeJobRead}})}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		b.srv.HandleRaw(client.MethodJobGet, func(context.Context, jsonText) (any, error) { return nil, nil }, "special")
		b.srv.HandleRaw(client.MethodJobGet, nil, "special")
		p := b.loginWith("reader", format)
		if reply, _ := p.ask(client.MethodJobGet, object{"job_id": "x"}); reply.Error == nil || client.Code(reply.Error.Code) != client.CodeBadRequest {
			b.Errorf("the answer is %+v", reply)
		}
	})
}
