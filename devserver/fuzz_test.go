package devserver_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/websock"
)

// FuzzServerInput has a connection send anything after its authentication. The server
// must not panic, and must be able to close.
func FuzzServerInput(f *testing.F) {
	masked := func(op ws.OpCode, message string) []byte {
		return websock.Append(nil, ws.StateClientSide, op, []byte(message))
	}
	const ts = `"ts":"2026-11-23T14:29:33Z"`
	f.Add(false, masked(ws.OpText, `{"id":"1","type":"request","method":"job.enqueue","data":{"name":"x","payload":[1]},`+ts+`}`))
	f.Add(false, masked(ws.OpText, `{"id":"1","type":"request","method":"subscribe","data":{"channel":"jobs"},`+ts+`}`))
	f.Add(false, masked(ws.OpText, `{"id":"1","type":"event","credits":4294967295,`+ts+`}`))
	f.Add(false, masked(ws.OpPing, "ping"))
	f.Add(false, masked(ws.OpClose, "\x03"))
	f.Add(false, []byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(true, masked(ws.OpBinary, "\x82\xa2id\xa11\xa6method\xa5stats"))
	f.Add(true, masked(ws.OpBinary, "\x83\xa2id\xc4\x011\xa2ts\xc7\x0c\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\xa4type\xa4ping"))
	f.Add(true, masked(ws.OpBinary, "\xdf\xff\xff\xff\xff\xa1x\xdd\xff\xff\xff\xff\xc9\xff\xff\xff\xff"))
	auth := func(format string) []byte {
		return masked(ws.OpText, `{"id":"a","type":"request","method":"auth","data":{"token":"`+devserver.DefaultToken+`","format":"`+format+`"},`+ts+`}`)
	}
	upgrade := []byte("GET /dwp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	f.Fuzz(func(t *testing.T, msgpack bool, input []byte) {
		format := "json"
		if msgpack {
			format = "msgpack"
		}
		srv := devserver.New()
		l := memnet.Listen(0)
		served := make(chan error, 1)
		go func() { served <- srv.Serve(l) }()
		c, err := l.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			_, _ = io.Copy(io.Discard, c)
		}()
		_, _ = c.Write(bytes.Join([][]byte{upgrade, auth(format), input}, nil))
		c.Close()
		<-heard
		if err := srv.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}
