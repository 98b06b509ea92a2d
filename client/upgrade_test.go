package client_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestUpgradeAnswerIsBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"one line": strings.Repeat("x", 1<<12), "many headers": strings.Repeat("X-Y: z\r\n", 1<<9)} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				sent := make(chan int, 1)
				p.admit = func(c *peerConn) bool {
					n, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nX: ")
					for err == nil && n < 64<<20 {
						var m int
						m, err = io.WriteString(c, text)
						n += m
					}
					sent <- n
					return false
				}
				if _, err := p.tryDial(t.Context(), format); err == nil {
					t.Fatal("dialled a server that never ends its upgrade")
				}
				if n := <-sent; n > 2<<20 {
					t.Errorf("took %d bytes of the answer", n)
				}
			})
		})
	}
}

func TestDialFunctionWithoutAConnectionIsAnError(t *testing.T) {
	t.Parallel()
	none := client.WithDialContext(func(context.Context, string, string) (net.Conn, error) { return nil, nil })
	if _, err := client.DialContext(t.Context(), "ws://peer.test/dwp", none); err == nil {
		t.Error("dialled nothing")
	}
}
