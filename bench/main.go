// Command bench compares this repository's client with others on the same work, and with itself at
// another revision. docs/PERFORMANCE.md describes the method.
//
//	go run . table           # calls and events: throughput, CPU time, allocations
//	go run . latency         # at half of the peak, beside a firehose, beside large calls
//	go run . curves -out DIR # cost over callers, subscriptions and sizes, as SVG
//	go run . compare -base FILE  # against the client in another build of this command
//
// The commands serve and client are the processes that it starts.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// commands take the arguments after their name.
var commands = map[string]func(ctx context.Context, args []string) error{
	"table":   table,
	"latency": latency,
	"curves":  curves,
	"compare": compare,
	"serve":   serve,
	"client":  runClient,
}

func main() {
	var command func(context.Context, []string) error
	if len(os.Args) > 1 {
		command = commands[os.Args[1]]
	}
	if command == nil {
		fmt.Fprintln(os.Stderr, "usage: bench table|latency|curves|compare [flags]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[2:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(status(err))
	}
}
