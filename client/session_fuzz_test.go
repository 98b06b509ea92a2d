package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// FuzzSession: whatever an authenticated server says next, in whatever it was asked to do, each
// call returns by its deadline and is not called done if it was not answered, the subscription ends
// or lives, and Close closes.
func FuzzSession(f *testing.F) {
	for _, payload := range []string{
		``, `{`, `null`, `{"id":"1","type":"event","data":{},"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"event","channel":"job:1","data":{"type":"job.started","ts":"2026-01-01T00:00:00Z","topic":"job:1","data":{"job_id":7}},"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"error","ts":"2026-01-01T00:00:00Z"}`, `{"id":"1","type":"error","correl_id":"$","ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"error","correl_id":"","error":{"code":400,"message":"which?"},"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"response","correl_id":"$","data":[],"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"response","correl_id":"$","data":{"job_id":"j","queue":"q","state":"pending"},"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"response","correl_id":"$","data":` + large(2000) + `,"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"event","data":` + large(2000) + `,"ts":"2026-01-01T00:00:00Z"}`,
		`{"id":"1","type":"response","correl_id":"nobody","ts":"2026-01-01T00:00:00Z"}`, `{"id":"1","type":"ping","ts":"2026-01-01T00:00:00Z"}`,
	} {
		for _, msgpack := range []bool{false, true} {
			f.Add(message(f, payload, msgpack), msgpack)
		}
	}
	f.Add([]byte{0x88, 0x02, 0x03, 0xf0}, false)
	f.Add([]byte{0x89, 0x7d, 0x00}, true)
	f.Fuzz(func(t *testing.T, sent []byte, msgpack bool) {
		synctest.Test(t, func(t *testing.T) {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				switch fr.Method {
				case client.MethodSubscribe:
					c.polite(fr)
				case client.MethodJobEnqueue:
					c.write.Lock()
					defer c.write.Unlock()
					_, _ = c.Write(bytes.ReplaceAll(sent, []byte(placeholder), []byte(fr.ID)))
				}
			}
			format := "json"
			if msgpack {
				format = "msgpack"
			}
			c := p.dial(client.WithFormat(format), client.WithReconnect(false), client.WithLimits(client.Limits{MessageBytes: 1024}))
			sub, err := c.Subscribe(t.Context(), client.ChannelFirehose)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err = c.Enqueue(ctx, "work", nil)
			var unknown *client.OutcomeUnknownError
			var refused *client.Error
			var garbled *client.ReplyError
			if err != nil && !errors.As(err, &unknown) && !errors.As(err, &refused) && !errors.As(err, &garbled) {
				t.Errorf("a written call ended with %T: %v", err, err)
			}
			if err == nil && !bytes.Contains(sent, []byte("response")) {
				t.Error("a call that nobody answered succeeded")
			}
			start := time.Now()
			c.Close()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("Close took %v", took)
			}
			for range sub.All(ctx) {
			}
			if ctx.Err() != nil {
				t.Error("the subscription goes on after Close")
			}
		})
	})
}

// placeholder stands for the id of the request in what the fuzzer sends: it is as long as the id of
// a session's fourth frame.
const placeholder = "$$$$$$$$$$$$"

// message is a server's message with this frame, or with this text if it is no frame. The id "$" is
// that of the request.
func message(tb testing.TB, text string, msgpack bool) []byte {
	tb.Helper()
	payload := []byte(strings.ReplaceAll(text, `"$"`, `"`+placeholder+`"`))
	var fr wire.Frame
	if msgpack && json.Valid(payload) && wire.FormatJSON.Decode(payload, &fr) == nil {
		var err error
		if payload, err = wire.FormatMsgpack.Append(nil, &fr); err != nil {
			tb.Fatal(err)
		}
	}
	return websock.Append(nil, ws.StateServerSide, ws.OpText, payload)
}
