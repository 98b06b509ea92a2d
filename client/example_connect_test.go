package client_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
)

// A program that starts before its server. Calls wait for the connection, within their ctx.
func ExampleNew() {
	l, err := net.Listen("tcp", "127.0.0.1:0") // where the server will be
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New("ws://"+l.Addr().String()+"/dwp", client.WithToken(devserver.DefaultToken))
	if err != nil {
		log.Fatal(err) // a bad URL or option
	}
	defer c.Close()
	fmt.Println(c.State())

	srv := devserver.New()
	defer srv.Close()
	go func() { _ = srv.Serve(l) }()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.State())
	// Output:
	// connecting
	// ready
}

// Two servers in front of one store. If one is lost, the client goes on with the other.
func ExampleWithEndpoints() {
	srv := devserver.New()
	defer srv.Close()
	var urls []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		urls = append(urls, "ws://"+l.Addr().String()+"/dwp")
		if len(urls) == 1 {
			_ = l.Close() // the first server is down
			continue
		}
		go func() { _ = srv.Serve(l) }()
	}

	c, err := client.DialContext(context.Background(), urls[0],
		client.WithEndpoints(urls[1:]...),
		client.WithToken(devserver.DefaultToken),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for _, e := range c.Counters().Endpoints {
		fmt.Println(e.Attempts, "attempt,", e.Sessions, "session")
	}
	// Output:
	// 1 attempt, 0 session
	// 1 attempt, 1 session
}

// Replace the connection, such as after the server's DNS name has changed.
func ExampleClient_Reconnect() {
	c, done := connect()
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	if err := c.Reconnect(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.State(), "with session", c.Counters().Sessions)
	// Output: ready with session 2
}

// The dial is repeated for up to a minute while the server is not ready for it. Refused credentials
// are returned at once.
func ExampleWithRetryDial() {
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	srv.Inject(fault.RefuseUpgrade(503, nil, fault.Upgrades().First(2)))

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken), client.WithRetryDial())
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())
	// Output: ready
}
