package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
)

// A server whose certificate comes from an authority of one's own.
func ExampleWithTLSConfig() {
	dispatch := devserver.New()
	defer dispatch.Close()
	srv := httptest.NewTLSServer(dispatch)
	defer srv.Close()

	authorities := x509.NewCertPool()
	authorities.AddCert(srv.Certificate())
	c, err := client.DialContext(context.Background(), strings.Replace(srv.URL, "https", "wss", 1)+"/dwp",
		client.WithToken(devserver.DefaultToken),
		client.WithTLSConfig(&tls.Config{RootCAs: authorities}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())
	// Output: ready
}

// Tokens that expire come from a function, which is called before each authentication.
func ExampleWithTokenSource() {
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	ctx := context.Background()

	var calls atomic.Int64
	c, err := client.DialContext(ctx, srv.URL(), client.WithTokenSource(func(context.Context) (string, error) {
		calls.Add(1)
		return devserver.DefaultToken, nil // such as from an identity provider, within the ctx
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	srv.Disconnect()
	if _, err := c.Stats(ctx); err != nil { // waits for the new connection
		log.Fatal(err)
	}
	fmt.Println(calls.Load(), "tokens")
	// Output: 2 tokens
}

// Tokens whose expiry is known: the session is renewed before, here when a minute is left of five.
func ExampleWithExpiringTokenSource() {
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	c, err := client.DialContext(context.Background(), srv.URL(), client.WithExpiringTokenSource(
		func(context.Context) (client.Token, error) {
			// such as from an oauth2.TokenSource, or with the claim exp of a JWT
			return client.Token{Value: devserver.DefaultToken, Expires: time.Now().Add(5 * time.Minute)}, nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())
	// Output: ready
}

// A timeout for calls whose ctx has no deadline. Here, the server does not answer.
func ExampleWithCallTimeout() {
	c, srv, done := connectTo(client.WithCallTimeout(10 * time.Millisecond))
	defer done()

	srv.Inject(fault.Drop(fault.Replies(client.MethodStats)))
	_, err := c.Stats(context.Background())
	fmt.Println(errors.Is(err, client.ErrCallTimeout), errors.Is(err, context.DeadlineExceeded), client.RetryMayHelp(err))
	// Output: true true true
}

// Three attempts, 10 ms apart. After the third the client is closed.
func ExampleWithBackoff() {
	c, srv, done := connectTo(client.WithBackoff(func(attempt int) (time.Duration, bool) {
		return 10 * time.Millisecond, attempt <= 3
	}))
	defer done()

	attempts := 0
	transitions := c.Transitions(context.Background())
	srv.Close() // for good
	for t := range transitions {
		if t.To == client.StateConnecting {
			attempts++
		}
	}
	fmt.Println(attempts, "attempts,", c.State())
	// Output: 3 attempts, closed
}
