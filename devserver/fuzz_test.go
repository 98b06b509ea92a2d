package devserver_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/memnet"
)

// FuzzServerInput has a connection send anything after its authentication. The server
// must not panic, and must be able to close.
func FuzzServerInput(f *testing.F) {
	masked := func(op ws.OpCode, message string) []byte {
		var b bytes.Buffer
		if err := ws.WriteFrame(&b, ws.MaskFrame(ws.NewFrame(op, true, []byte(message)))); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	const ts = `"ts":"2026-11-23T14:29:33Z"`
	f.Add(masked(ws.OpText, `{"id":"1","type":"request","method":"job.enqueue","data":{"name":"x","payload":[1]},`+ts+`}`))
	f.Add(masked(ws.OpText, `{"id":"1","type":"request","method":"subscribe","data":{"channel":"jobs"},`+ts+`}`))
	f.Add(masked(ws.OpText, `{"id":"1","type":"event","credits":4294967295,`+ts+`}`))
	f.Add(masked(ws.OpPing, "ping"))
	f.Add(masked(ws.OpClose, "\x03"))
	f.Add([]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	auth := masked(ws.OpText, `{"id":"a","type":"request","method":"auth","data":{"token":"`+devserver.DefaultToken+`"},`+ts+`}`)
	upgrade := []byte("GET /dwp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	f.Fuzz(func(t *testing.T, input []byte) {
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
		_, _ = c.Write(bytes.Join([][]byte{upgrade, auth, input}, nil))
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
