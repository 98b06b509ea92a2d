package client_test

import (
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
)

func TestLaneWhoseTokenIsRefusedAsksTheSourceOnceMore(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k := new(tokens)
		refuseTokens(p, func(token string) bool { return token == "t2" })
		c := p.dial(format, client.WithToken(""), client.WithTokenSource(k.next))
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil || k.count() != 3 {
			t.Errorf("%v, asked %d times", err, k.count())
		}
		if c.State() != client.StateReady {
			t.Errorf("the client is %v", c.State())
		}
	})
}

func TestLaneWaitsForAsLongAsRetryAfterSays(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		answerHTTP(p, 2, "HTTP/1.1 503 Busy\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n")
		c := p.dial(format)
		refuse := p.admit
		p.admit = func(c *peerConn) bool { return c.n > 2 || refuse(c) }
		start := time.Now()
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 100*time.Second || p.count() != 3 {
			t.Errorf("the lane was open after %v on connection %d, want 100 s on the third", took, p.count())
		}
	})
}
