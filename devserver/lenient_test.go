package devserver_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// This file is what the server takes from clients beyond the schema, as production does, and what a
// strict one refuses.

// answer is the code of the answer to a frame, 0 if it is a result, and what the result or the
// error says.
func answer(p *peer, op ws.OpCode, message []byte) string {
	p.t.Helper()
	p.write(op, message)
	switch fr := p.next(); {
	case fr == nil:
		return "end"
	case fr.Error != nil:
		return fmt.Sprint(fr.Error.Code, " ", fr.Error.Message)
	default:
		return fmt.Sprint(fr.CorrelID, " ", string(fr.Data))
	}
}

// The frames of this table differ from what the schema allows.
var lenient = []struct{ frame, taken, refused string }{
	{`{"ID":"r","Type":"request","METHOD":"subscribe","data":{"CHANNEL":"jobs"},"ts":"TS"}`, `r {"channel":"jobs","status":"subscribed"}`, "400 "},
	{`{"id":"q","id":"r","type":"request","method":"subscribe","data":{"channel":"x","channel":"jobs"},"ts":"TS"}`, `r {"channel":"jobs","status":"subscribed"}`, "400 "},
	{`{"id":"r","type":"request","method":"unsubscribe","data":null,"ts":"TS"}`, `r {"channel":"","status":"unsubscribed"}`, "400 "},
	{`{"id":"r","type":"request","method":"workflow.event","data":{},"ts":"TS"}`, `r {"event_id":`, "400 invalid request: name is missing or empty"},
	{`{"id":"r","type":"request","method":"job.enqueue","data":{"name":"","payload":1},"ts":"TS"}`, `r {"job_id":`, "400 invalid request: name is missing or empty"},
	{`{"id":"r","type":"request","method":"job.enqueue","data":{"name":"x"},"ts":"TS"}`, `r {"job_id":`, "400 invalid request: payload is missing or empty"},
	{`{"id":"r","type":"request","method":"unsubscribe","data":{"channel":"jobs"}}`, `r {"channel":`, "400 invalid frame: a frame has an id and a ts"},
	{`{"type":"request","method":"unsubscribe","data":{"channel":"jobs"},"ts":"TS"}`, ` {"channel":`, "400 invalid frame: a frame has an id and a ts"},
	{`{"id":"r","type":"other","method":"unsubscribe","data":{"channel":"jobs"},"ts":"TS"}`, `r {"channel":`, "400 invalid frame: the frame has no known type"},
	{`{"id":"r","type":"request","method":"unsubscribe","data":{"channel":"jobs"},"credits":-5,"ts":"TS"}`, `r {"channel":`, "400 "},
	{`null`, `405 unknown method: `, "400 "},
	{`{"id":"r","type":"request","method":"subscribe","data":{"channel":"jobs"},"ts":"TS","credits":5e0}`, `400 `, "400 "},
	{`{"id":"r","type":"request","method":"subscribe","data":{"channel":"jobs"},"ts":"yesterday"}`, `400 `, "400 "},
	{`{"id":"r","type":"request","method":"subscribe","data":{"channel":"jobs"},"ts":"TS"} x`, `400 `, "400 "},
}

func TestFramesBeyondTheSchemaAreTakenUnlessTheServerIsStrict(t *testing.T) {
	t.Parallel()
	for name, strict := range map[string]bool{"by default": false, "strict": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var opts []devserver.Option
				if strict {
					opts = append(opts, devserver.WithStrict())
				}
				srv := devserver.New(opts...)
				b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
				for _, test := range lenient {
					want := test.taken
					if strict {
						want = test.refused
					}
					frame := strings.ReplaceAll(test.frame, "TS", "2026-11-26T10:00:00Z")
					if got := answer(b.login(wire.FormatJSON), ws.OpText, []byte(frame)); !strings.HasPrefix(got, want) {
						t.Errorf("%s:\n got %s\nwant %s", frame, got, want)
					}
				}
				if _, err := srv.FireCron("x", "still served", 1); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestMsgpackBeyondTheSchema(t *testing.T) {
	t.Parallel()
	const method = ` str:"type"=str:"request" str:"method"=str:"unsubscribe" str:"data"=bin:{channel:"jobs"}`
	for _, test := range []struct{ frame, behind, taken, refused string }{
		{`{str:"id"=bin:"r"` + method + ` str:"ts"=ext-1(8)}`, "", `r {"channel":`, "400 "},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=ext-1(12)}`, "behind", `r {"channel":`, "400 "},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=ext-1(4)}`, "", `r {"channel":`, `r {"channel":`},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=ext-1(4) str:"credits"=nil}`, "", `r {"channel":`, `r {"channel":`},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=ext5(12)}`, "", `400 invalid frame: msgpack: got ext type=5, wanted -1`, "400 "},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=ext-1(1)}`, "", `400 invalid frame: msgpack: invalid ext len=1 decoding time`, "400 "},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=str:"TS"}`, "", `400 invalid frame: msgpack: invalid code=b4 decoding ext len`, "400 "},
		{`{str:"id"=str:"r"` + method + ` str:"ts"=nil}`, "", `end`, `end`},
		{`{str:"id"=str:"r"` + method + ` str:"credits"=str:"x"}`, "", `400 invalid frame: msgpack: invalid code=a1 decoding int64`, "400 "},
		{`nil`, "", `405 unknown method: `, "400 "},
	} {
		for name, strict := range map[string]bool{"by default": false, "strict": true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					want, opts := test.taken, []devserver.Option(nil)
					if strict {
						want, opts = test.refused, []devserver.Option{devserver.WithStrict()}
					}
					srv := devserver.New(opts...)
					b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
					message := append(parseMsgpack(t, test.frame), test.behind...)
					if got := answer(b.login(wire.FormatMsgpack), ws.OpBinary, message); !strings.HasPrefix(got, want) {
						t.Errorf("%s:\n got %s\nwant %s", test.frame, got, want)
					}
				})
			})
		}
	}
}

func TestCreditsBeyondTheSchema(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithCredits(1)}, func(b *bubble, format wire.Format) {
		p := b.login(wire.FormatJSON)
		must[object](p, "subscribe", object{"channel": "firehose"})
		p.write(ws.OpText, []byte(`{"id":"1","type":"event","credits":-1000}`))
		// as it grants nothing
		if fr := p.next(); fr.Error == nil || client.Code(fr.Error.Code) != client.CodeMethodNotFound {
			b.Errorf("negative credits are answered with %+v", fr)
		}
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		p.event() // the credit is still there
		p.write(ws.OpText, []byte(`{"id":"2","type":"event","credits":4294967296}`))
		synctest.Wait()
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		p.event()
		b.silent(p)
	})
}

func TestANegativePriorityIsStoredAsNone(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		if job := p.job(p.enqueue("x", object{"priority": -7})); job.Priority != 0 {
			b.Errorf("the priority is %d", job.Priority)
		}
	})
}

func TestALargeMessageIsTakenUnlessTheServerIsStrict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		head := ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Length: wire.MaxMessageBytes + 1}
		for _, opts := range [][]devserver.Option{nil, {devserver.WithStrict()}} {
			srv := devserver.New(opts...)
			b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
			p := b.login(wire.FormatJSON)
			if err := ws.WriteHeader(p.net, head); err != nil {
				t.Fatal(err)
			}
			if opts == nil {
				b.silent(p)
			} else {
				b.ended(p, 0)
			}
		}
	})
}

// TestAHookIsToldWhatIsWrongWithAFrame that the server takes.
func TestAHookIsToldWhatIsWrongWithAFrame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		srv := devserver.New(devserver.WithHook(func(m devserver.Traffic) {
			if m.Dir == devserver.Inbound && m.Frame.Method != "auth" {
				seen = append(seen, fmt.Sprint(m.Frame.Method, " ", m.Err != nil))
			}
		}))
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		p := b.login(wire.FormatJSON)
		answer(p, ws.OpText, []byte(`{"id":"1","type":"request","method":"stats","ts":"2026-11-26T10:00:00Z"}`))
		answer(p, ws.OpText, []byte(`{"id":"1","id":"2","type":"request","method":"stats","ts":"2026-11-26T10:00:00Z"}`))
		synctest.Wait()
		if diff := cmp.Diff([]string{"stats false", "stats true"}, seen); diff != "" {
			t.Error(diff)
		}
	})
}

// TestMsgpackMembersThatAreNotKnownAreSkipped has one of each kind of value.
func TestMsgpackMembersThatAreNotKnownAreSkipped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := devserver.New()
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		p := b.login(wire.FormatMsgpack)
		frame := func(value string) []byte { // {"new": value, "id": "r", "type": "ping"}
			return []byte("\x83\xa3new" + value + "\xa2id\xa1r\xa4type\xa4ping")
		}
		for _, value := range []string{
			"\x00", "\x7f", "\xe0", "\xff", "\xc0", "\xc2", "\xc3", // fixed numbers, nil, booleans
			// maps
			"\x80", "\x81\xa1k\x01", "\xde\x00\x01\xa1k\x01", "\xdf\x00\x00\x00\x01\xa1k\x92\x01\x02",
			"\x90", "\x92\x01\xa1x", "\xdc\x00\x02\x01\x90", "\xdd\x00\x00\x00\x01\xc0", // arrays
			"\xa0", "\xa2hi", "\xd9\x02hi", "\xda\x00\x02hi", "\xdb\x00\x00\x00\x02hi", // strings
			"\xc4\x02hi", "\xc5\x00\x02hi", "\xc6\x00\x00\x00\x02hi", // bytes
			"\xca1234", "\xcb12345678", // floats
			// numbers
			"\xcc1", "\xcd12", "\xce1234", "\xcf12345678", "\xd01", "\xd112", "\xd21234", "\xd312345678",
			// extensions
			"\xd4t1", "\xd5t12", "\xd6t1234", "\xd7t12345678", "\xd8t0123456789abcdef",
			"\xc7\x03tabc", "\xc8\x00\x03tabc", "\xc9\x00\x00\x00\x03tabc",
		} {
			p.write(ws.OpBinary, frame(value))
			if fr := p.next(); fr.Type != wire.TypePong || fr.CorrelID != "r" {
				t.Errorf("%x is answered with %+v", value, fr)
			}
		}
		p.write(ws.OpBinary, frame("\xc1"))
		if fr := p.next(); fr.Error == nil || fr.Error.Message != "invalid frame: msgpack: unknown code c1" {
			t.Errorf("a value of no kind is answered with %+v", fr)
		}
	})
}

func TestMsgpackTimesOfEachSizeAreRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := devserver.New()
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		p := b.login(wire.FormatMsgpack)
		for ts, want := range map[string]time.Time{
			"\xd6\xff\x00\x00\x00\x05":                                         time.Unix(5, 0),
			"\xd7\xff\x00\x00\x00\x1c\x00\x00\x00\x05":                         time.Unix(5, 7),
			"\xc7\x0c\xff\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x05":     time.Unix(5, 7),
			"\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff":     time.Unix(-1, 999_999_999),
			"\xc7\x04\xff\xff\xff\xff\xff":                                     time.Unix(1<<32-1, 0),
			"\xd7\xff" + "\xee\x6b\x27\xff" + "\xff\xff\xff\xff":               time.Unix(1<<34-1, 999_999_999),
			"\xc8\x00\x0c\xff\x00\x00\x00\x07\x00\x00\x00\x04\x00\x00\x00\x00": time.Unix(1<<34, 7),
		} {
			p.write(ws.OpBinary, []byte("\x83\xa2id\xa1r\xa4type\xa4ping\xa2ts"+ts))
			// a pong has its ping's
			if fr := p.next(); fr.Type != wire.TypePong || !fr.TS.Equal(want) {
				t.Errorf("%x is read as %v (%+v), want %v", ts, fr.TS, fr.Error, want)
			}
		}
	})
}

func TestMsgpackCreditsOfEachSizeAreGranted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := devserver.New(devserver.WithCredits(0))
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		p := b.login(wire.FormatMsgpack)
		const grant = "\x83\xa2id\xa1g\xa4type\xa5event\xa7credits"
		granted := int64(0)
		for _, one := range []string{
			"\x01", "\xcc\x01", "\xcd\x00\x01", "\xce\x00\x00\x00\x01", "\xcf\x00\x00\x00\x00\x00\x00\x00\x01",
			"\xd0\x01", "\xd1\x00\x01", "\xd2\x00\x00\x00\x01", "\xd3\x00\x00\x00\x00\x00\x00\x00\x01",
		} {
			p.write(ws.OpBinary, []byte(grant+one))
			synctest.Wait()
			granted++
			if got := srv.Sessions()[0].Credits; got != granted {
				t.Errorf("%x: the credits are %d, want %d", one, got, granted)
				granted = got
			}
		}
		for _, negative := range []string{
			"\xff", "\xd0\xff", "\xd1\xff\xff", "\xd2\xff\xff\xff\xff", "\xd3\xff\xff\xff\xff\xff\xff\xff\xff",
		} {
			p.write(ws.OpBinary, []byte(grant+negative))
			// it grants nothing
			if fr := p.next(); fr.Error == nil || client.Code(fr.Error.Code) != client.CodeMethodNotFound {
				t.Errorf("%x is answered with %+v", negative, fr)
			}
		}
		if got := srv.Sessions()[0].Credits; got != granted {
			t.Errorf("the credits have become %d", got)
		}
	})
}
