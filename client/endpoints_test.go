package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestLossMovesToTheNextEndpointAndTheLostOneIsLast(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b", "c")
		c := cl.connect(format, every(time.Second))
		sub := subscribe(t, c, "jobs")
		seq := c.Transitions(t.Context())
		for _, host := range []string{"a", "b", "c", "a"} {
			time.Sleep(time.Minute)
			cl.cut(host)
			if next(t, sub).Type != client.EventGap {
				t.Error("no gap")
			}
		}
		if got := cl.order(); got != "abcab" {
			t.Errorf("dialled %s", got)
		}
		var got []string
		for _, tr := range steps(seq, 3) {
			got = append(got, fmt.Sprintf("%v at %s, attempt %d: %v", tr.To, tr.Endpoint, tr.Attempt, tr.Cause != nil && strings.Contains(tr.Cause.Error(), "ws://a.test/dwp: ")))
		}
		want := []string{
			"backing off at ws://b.test/dwp, attempt 1: true", "connecting at ws://b.test/dwp, attempt 1: true", "ready at ws://b.test/dwp, attempt 0: false",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		counted := []client.EndpointCounters{
			{Endpoint: "ws://a.test/dwp", Attempts: 2, Sessions: 2},
			{Endpoint: "ws://b.test/dwp", Attempts: 2, Sessions: 2},
			{Endpoint: "ws://c.test/dwp", Attempts: 1, Sessions: 1},
		}
		if diff := cmp.Diff(counted, c.Counters().Endpoints); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDialTriesEachEndpointOnce(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b", "c")
		cl.set(true, "a", "b")
		start := time.Now()
		c := cl.connect(format, every(time.Hour))
		if got := cl.order(); got != "abc" || time.Since(start) != 0 {
			t.Errorf("dialled %s in %v", got, time.Since(start))
		}
		c.Close()
		cl.set(true, "c")
		_, err := client.DialContext(t.Context(), clusterURL("a"), cl.options(format, every(time.Hour))...)
		if got := cl.order(); got != "abc" || !errors.Is(err, syscall.ECONNREFUSED) || !client.RetryMayHelp(err) {
			t.Errorf("dialled %s: %v", got, err)
		}
		for _, host := range []string{"a", "b", "c"} {
			if !strings.Contains(err.Error(), "ws://"+host+".test/dwp: ") {
				t.Errorf("%s is not named: %v", host, err)
			}
		}
	})
}

func TestEndpointsThatAreDownHaveABackoffEach(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b", "c")
		c := cl.connect(format, client.WithBackoff(func(attempt int) (time.Duration, bool) {
			return time.Duration(attempt) * time.Second, attempt <= 3
		}))
		cl.order()
		cl.set(true, "a", "b", "c")
		seq := c.Transitions(t.Context())
		cl.cut("a")
		<-c.Done()
		if got := cl.order(); got != "bcabcabca" {
			t.Errorf("dialled %s", got)
		}
		counts := map[string]int{}
		for tr := range seq {
			if tr.To == client.StateConnecting {
				counts[tr.Endpoint]++
				if tr.Attempt != counts[tr.Endpoint] {
					t.Errorf("attempt %d of %s counts as %d", counts[tr.Endpoint], tr.Endpoint, tr.Attempt)
				}
			}
		}
		if diff := cmp.Diff(map[string]int{"ws://a.test/dwp": 3, "ws://b.test/dwp": 3, "ws://c.test/dwp": 3}, counts); diff != "" {
			t.Error(diff)
		}
		if !errors.Is(c.Err(), syscall.ECONNREFUSED) {
			t.Error(c.Err())
		}
	})
}

func TestEndpointThatRefusesCredentialsIsLeftOutForOthers(t *testing.T) {
	for name, source := range map[string]bool{"token": false, "token source": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				cl := newCluster(t, "a", "b")
				var refusing sync.Map
				for host, p := range cl.peers {
					p.auth = func(c *peerConn, fr *wire.Frame) {
						if _, no := refusing.Load(host); no {
							c.refuse(fr, 401, "no")
							return
						}
						c.welcome(fr)
					}
				}
				opts, again := []client.Option{format, every(time.Second)}, ""
				if source {
					opts = append(opts, client.WithToken(""), client.WithTokenSource(func(context.Context) (string, error) { return "t", nil }))
					again = "b"
				}
				c := cl.connect(opts...)
				cl.order()
				refusing.Store("b", true)
				time.Sleep(time.Minute)
				cl.set(true, "a")
				cl.cut("a")
				time.Sleep(time.Minute)
				if got := strings.Count(cl.order(), "b"); got != 1+len(again) || c.Err() != nil {
					t.Errorf("the refusing endpoint was dialled %d times; %v", got, c.Err())
				}
				cl.set(false, "a")
				if err := c.Ready(t.Context()); err != nil {
					t.Fatal(err)
				}
				refusing.Delete("b")
				time.Sleep(time.Minute) // of health, so b is tried again
				cl.set(true, "a")
				cl.cut("a")
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if synctest.Wait(); c.Ready(ctx) != nil {
					t.Fatal("the endpoint that had refused was not tried again")
				}
				cl.set(false, "a")
				refusing.Store("a", true)
				refusing.Store("b", true)
				time.Sleep(time.Minute)
				cl.cut("b") // both refuse now
				<-c.Done()
				if !errors.Is(c.Err(), client.ErrUnauthorized) || !strings.Contains(c.Err().Error(), "a.test") || !strings.Contains(c.Err().Error(), "b.test") {
					t.Error(c.Err())
				}
			})
		})
	}
}

func TestEndpointThatNeverAnswersCostsDialItsShare(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b", "c")
		for _, host := range []string{"a", "b"} {
			cl.peers[host].admit = func(c *peerConn) bool { io.Copy(io.Discard, c); return false }
		}
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		start := time.Now()
		c, err := client.DialContext(ctx, clusterURL("a"), cl.options(format)...)
		if err != nil || time.Since(start) != 10*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		defer c.Close()
		if got := cl.order(); got != "abc" {
			t.Errorf("dialled %s", got)
		}
	})
}

func TestEndpointThatNeverAnswersIsGivenUpForTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b", "c")
		c := cl.connect(format, every(time.Second), client.WithConnectTimeout(7*time.Second))
		cl.peers["b"].admit = func(c *peerConn) bool { io.Copy(io.Discard, c); return false }
		time.Sleep(time.Minute)
		start := time.Now()
		cl.cut("a")
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil || time.Since(start) > 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestLanesAreOpenedAtTheEndpointOfTheSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b")
		c := cl.connect(format, every(time.Second))
		start := func() {
			t.Helper()
			if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
				t.Fatal(err)
			}
		}
		start()
		cl.peers["a"].conn(1).Cut() // and not the lane
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		start() // the idle lane at a is alive
		start()
		if got := cl.order(); got != "aabb" {
			t.Errorf("dialled %s", got)
		}
	})
}

func TestUserAndQueryBelongToTheirEndpointAndShowNowhere(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b")
		var log strings.Builder
		for host, p := range cl.peers {
			p.admit = func(c *peerConn) bool {
				buf := make([]byte, 4096)
				n, _ := c.Read(buf)
				head := string(buf[:n])
				auth := map[string]string{"a": "dXNlci1hOnBhc3N3b3JkLWE=", "b": "dXNlci1iOnBhc3N3b3JkLWI="}[host]
				if !strings.Contains(head, "Basic "+auth) || !strings.Contains(head, "token=query-token-"+host) || !strings.Contains(head, "Host: "+host+".test") {
					t.Errorf("the upgrade at %s is %s", host, head)
				}
				io.WriteString(c, "HTTP/1.1 503 password-a password-b\r\nContent-Length: 0\r\n\r\n")
				return false
			}
		}
		_, err := client.DialContext(t.Context(), clusterURL("a"), cl.options(format, client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))...)
		for _, secret := range []string{"password-", "query-token-"} {
			if text := fmt.Sprint(err, log.String()); strings.Contains(text, secret) {
				t.Errorf("%s shows: %s", secret, text)
			}
		}
		if err == nil || !strings.Contains(log.String(), "server=ws://a.test/dwp") {
			t.Errorf("%v: %s", err, log.String())
		}
	})
}

func TestEndpointsSecretsThatItEchoesAreRedacted(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b")
		for host, p := range cl.peers {
			p.auth = func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 500, "password-"+host+" and query-token-"+host) }
		}
		_, err := client.DialContext(t.Context(), clusterURL("a"), cl.options(format)...)
		if err == nil || strings.Count(err.Error(), "[redacted] and [redacted]") != 2 {
			t.Error(err)
		}
	})
}

func TestServerNameOfTLSIsTheEndpointsHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		names := make(chan string, 2)
		conf := &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			names <- hello.ServerName
			return nil, errTest
		}}
		cl := newCluster(t, "a", "b")
		for _, p := range cl.peers {
			p.admit = func(c *peerConn) bool {
				tls.Server(c, conf).Handshake()
				return false
			}
		}
		_, err := client.DialContext(t.Context(), "wss://a.test", client.WithEndpoints("wss://b.test"), client.WithDialContext(cl.dial))
		if a, b := <-names, <-names; a != "a.test" || b != "b.test" || err == nil {
			t.Errorf("%s, %s, %v", a, b, err)
		}
	})
}

func TestBadEndpointsAreOptionErrorsThatNameThem(t *testing.T) {
	t.Parallel()
	_, err := client.New("ws://a.test", client.WithEndpoints("ws://b.test", "https://user:secret@c.test", "d.test/dwp", "ws://"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"URL 2: ", "https", "URL 3: ", "d.test/dwp", "URL 4: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "URL 1") {
		t.Error(err)
	}
}

func TestEndpointsThatAreRepeatedCountOnceAndCanBeShuffled(t *testing.T) {
	t.Parallel()
	orders := map[string]bool{}
	for range 200 {
		c, err := client.New("ws://a.test", client.WithEndpoints("ws://b.test", "ws://a.test"), client.WithShuffledEndpoints(),
			client.WithDialContext(newCluster(t).refuse))
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, e := range c.Counters().Endpoints {
			order = append(order, e.Endpoint)
		}
		orders[strings.Join(order, "")] = true
		c.Close()
	}
	if diff := cmp.Diff(map[string]bool{"ws://a.testws://b.test": true, "ws://b.testws://a.test": true}, orders); diff != "" {
		t.Error(diff)
	}
}
