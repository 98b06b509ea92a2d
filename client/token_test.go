package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// tokens is a source that gives out t1, t2, … and a peer that refuses those that bad says.
type tokens struct {
	mu    sync.Mutex
	given []string
}

func (k *tokens) next(context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.given = append(k.given, fmt.Sprintf("t%d", len(k.given)+1))
	return k.given[len(k.given)-1], nil
}

func (k *tokens) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.given)
}

// refuseTokens makes the peer refuse tokens as a real server does: an error frame in JSON, then the
// end.
func refuseTokens(p *peer, bad func(token string) bool) {
	p.auth = func(c *peerConn, fr *wire.Frame) {
		if fr.Token != field(fr, "token") {
			p.t.Errorf("the tokens differ: %q and %s", fr.Token, fr.Data)
		}
		if bad(fr.Token) {
			c.refuse(fr, 401, "authentication failed for "+fr.Token)
			c.Close()
			return
		}
		c.welcome(fr)
	}
}

func TestTokenSourceIsAskedBeforeEachAuthentication(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k := new(tokens)
		refuseTokens(p, func(string) bool { return false })
		c := p.dial(format, client.WithToken(""), client.WithTokenSource(k.next), every(time.Second))
		for range 3 {
			p.conn(p.count()).Cut()
			synctest.Wait()
			if err := c.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
			t.Fatal(err)
		}
		if k.count() != 5 {
			t.Errorf("asked %d times, want 5", k.count())
		}
	})
}

func TestRefusedTokenSourceIsCalledOnceMore(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k := new(tokens)
		refuseTokens(p, func(token string) bool { return token == "t2" || token >= "t4" })
		c := p.dial(format, client.WithToken(""), client.WithTokenSource(k.next), every(time.Second))
		p.conn(1).Cut() // t2 is refused, t3 is good
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil || k.count() != 3 {
			t.Fatalf("%v, asked %d times", err, k.count())
		}
		p.conn(p.count()).Cut() // t4 and t5 are refused
		<-c.Done()
		if !errors.Is(c.Err(), client.ErrUnauthorized) || k.count() != 5 || p.count() != 5 {
			t.Errorf("%v, asked %d times, %d connections", c.Err(), k.count(), p.count())
		}
		_, err := c.Stats(t.Context())
		if !errors.Is(err, client.ErrClosed) || !errors.Is(err, client.ErrUnauthorized) {
			t.Error(err)
		}
	})
}

func TestTokenSourceIsCalledOnceMoreWhenALaterSessionIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		// the connection that is closed with 1008: ready, or restoring
		for _, bad := range []int{1, 2} {
			for _, again := range []bool{false, true} {
				p := newPeer(t)
				k := new(tokens)
				bye := func(c *peerConn) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1008, "who?"))) }
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if c.n == bad && (bad == 1 || fr.Method == client.MethodSubscribe) && fr.Method != "" {
						if bad == 2 || fr.Method == client.MethodStats {
							bye(c)
							return
						}
					}
					c.polite(fr)
				}
				refuseTokens(p, func(string) bool { return again && p.count() > bad })
				c := p.dial(format, client.WithToken(""), client.WithTokenSource(k.next), every(time.Second))
				subscribe(t, c, "jobs")
				if bad == 1 {
					go c.Stats(t.Context())
				} else {
					p.conn(1).Cut()
				}
				time.Sleep(time.Minute)
				want := bad + 1
				if again {
					// a ready session's end says nothing about the token: the first refusal is the
					// second's
					want = 3
				}
				if state := c.State(); (state == client.StateClosed) != again || k.count() != want {
					t.Errorf("bad %d, again %v: %v, %v, asked %d times", bad, again, state, c.Err(), k.count())
				}
			}
		}
	})
}

func TestRefusedFixedTokenIsNotTriedTwice(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		refuseTokens(p, func(string) bool { return true })
		if _, err := p.tryDial(t.Context(), format); !errors.Is(err, client.ErrUnauthorized) || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		p = newPeer(t)
		refuseTokens(p, func(string) bool { return p.count() > 1 })
		c := p.dial(format)
		p.conn(1).Cut()
		<-c.Done()
		if !errors.Is(c.Err(), client.ErrUnauthorized) || p.count() != 2 {
			t.Errorf("%v, %d connections", c.Err(), p.count())
		}
	})
}

func TestFailedTokenSourceIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		n := 0
		source := func(context.Context) (string, error) {
			if n++; n == 2 {
				return "", errTest
			}
			return "t", nil
		}
		c := p.dial(format, client.WithToken(""), client.WithTokenSource(source))
		p.conn(1).Cut()
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil || n != 3 {
			t.Errorf("%v, asked %d times", err, n)
		}
		n = 1
		if _, err := p.tryDial(t.Context(), client.WithToken(""), client.WithTokenSource(source)); !errors.Is(err, errTest) {
			t.Error(err)
		}
	})
}

func TestTokenSourcesCtxEndsWithClose(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		n, ended := 0, make(chan struct{})
		c := p.dial(format, every(0), client.WithToken(""), client.WithTokenSource(func(ctx context.Context) (string, error) {
			if n++; n > 1 {
				<-ctx.Done()
				close(ended)
			}
			return "t", ctx.Err()
		}))
		p.conn(1).Cut()
		synctest.Wait()
		c.Close()
		<-ended
	})
}

func TestTokensAreRedacted(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const secret = "dk_live_s3cret"
		var log bytes.Buffer
		var shown []any
		p := newPeer(t)
		refuseTokens(p, func(string) bool { return p.count() > 4 })
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch fr.Method {
			case client.MethodStats:
				c.refuse(fr, 500, "no stats for "+secret)
			case client.MethodJobGet:
				c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1011, "bye "+secret)))
			default:
				c.polite(fr)
			}
		}
		opts := []client.Option{
			format, client.WithToken(secret), client.WithDialContext(p.l.Dial), every(time.Second),
			client.WithHeader(http.Header{"X-Api-Key": {secret}}),
			client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		}
		c, err := client.DialContext(t.Context(), "ws://user:"+secret+"@peer.test/dwp?token="+secret, opts...)
		if err != nil {
			t.Fatal(err)
		}
		seq := c.Transitions(t.Context())
		_, err = c.Stats(t.Context())
		shown = append(shown, err)
		_, err = c.GetJob(t.Context(), "1") // until it gives up
		shown = append(shown, err, c.State(), c.RTT(), c.Counters())
		synctest.Wait()
		<-c.Done()
		c.Close() // which waits for the last word in the log
		shown = append(shown, c.Err())
		for tr := range seq {
			shown = append(shown, tr, tr.Cause)
		}
		for _, url := range []string{"ws://user:%zz" + secret, "ftp://" + secret + "@x", "ws://x:" + secret, "ws://:1/?" + secret, "://" + secret, "ws://x/#" + secret} {
			_, err := client.DialContext(t.Context(), url, opts...)
			if err == nil {
				t.Errorf("%s was dialled", url)
			}
			shown = append(shown, err)
		}
		_, err = client.DialContext(t.Context(), "ws://user:"+secret+"@peer.test/dwp?token="+secret, append(opts, client.WithDialContext(
			func(context.Context, string, string) (net.Conn, error) { return nil, errTest }))...)
		shown = append(shown, err)
		for _, v := range shown {
			if text := fmt.Sprintf("%v %+v", v, v); strings.Contains(text, secret) {
				t.Errorf("shown: %s", text)
			}
		}
		if strings.Contains(log.String(), secret) || !strings.Contains(log.String(), "peer.test/dwp") {
			t.Errorf("logged: %s", log.String())
		}
	})
}
