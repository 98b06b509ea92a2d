package devserver_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

func TestTheFirstFrameAuthenticates(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		for name, first := range map[string]*devserver.Frame{
			"another method": {Type: wire.TypeRequest, Method: "stats", Token: devserver.DefaultToken},
			"a ping":         {Type: wire.TypePing},
			"a wrong token":  {Type: wire.TypeRequest, Method: "auth", Token: "wrong", Data: raw(b.T, &wire.AuthRequest{Token: "wrong", Format: format})},
			"no token":       {Type: wire.TypeRequest, Method: "auth"},
		} {
			p, _, err := b.dial()
			if err != nil {
				b.Fatal(err)
			}
			id := p.send(first)
			reply := p.next()
			if reply.Error == nil || reply.Error.Code != client.CodeUnauthorized || reply.CorrelID != id {
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
		p.send(&devserver.Frame{Type: wire.TypeRequest, Method: "auth", Token: devserver.DefaultToken, Data: raw(b.T, object{"format": format, "hint": "ignored"})})
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
		id := p.send(&devserver.Frame{Type: wire.TypePing, Credits: 1, TS: at})
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
		p.send(&devserver.Frame{Type: wire.TypeRequest, Method: "stats", Credits: 5})
		p.send(&devserver.Frame{Type: wire.TypeEvent, Credits: 5})
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
		start := p.send(&devserver.Frame{Type: wire.TypeRequest, Method: "workflow.start", Data: raw(b.T, object{"name": "slow", "input": nil})})
		ping := p.send(&devserver.Frame{Type: wire.TypePing})
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
	}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		all := b.login(format)
		reader, _, err := b.dial()
		if err != nil {
			b.Fatal(err)
		}
		reader.login("read", format)
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
			{all, "job.cancel", object{"job_id": job}, 404, "job not found: dispatch: job not found"},
			{all, "workflow.get", object{"run_id": job}, 400, `invalid run ID: id: expected prefix "wfrun", got "job"`},
			{all, "workflow.get", object{"run_id": run}, 404, "workflow run not found: dispatch: workflow run not found"},
			{all, "workflow.timeline", object{"run_id": run}, 404, "workflow run not found: dispatch: workflow run not found"},
			{all, "workflow.start", object{"name": "nope", "input": 1}, 500, `workflow start failed: no workflow registered for "nope"`},
			{all, "job.enqueue", object{"payload": 1}, 400, "invalid request: a job has a name"},
			{all, "subscribe", object{"channel": "bogus"}, 400, `stream: invalid topic "bogus"`},
			{all, "subscribe", object{"channel": "job:"}, 400, `stream: invalid topic "job:"`},
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
			{reader, "no.such", nil, 405, "unknown method: no.such"},
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
