// Command quickstart shows a client at work on the terminal: it starts an in-memory
// server, talks to it in both formats, restarts it under the client, and checks
// what comes of every step. Its exit status is 0 only if all is as it should be.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/xraph/dispatch/devserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run writes the whole story to w.
func run(ctx context.Context, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	srv := devserver.New(devserver.WithQueues("default", "critical"))
	register(srv)
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	defer srv.Close()
	fmt.Fprintf(w, "An in-memory Dispatch server listens on %s.\n", srv.URL())

	for _, format := range []string{"json", "msgpack"} {
		if err := demo(ctx, w, srv, format); err != nil {
			return fmt.Errorf("in %s: %w", format, err)
		}
	}
	if err := survive(ctx, w, srv); err != nil {
		return fmt.Errorf("after the restart: %w", err)
	}
	fmt.Fprintln(w, "\nEvery step's result was checked.")
	return nil
}
