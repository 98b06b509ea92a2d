// Command soak runs clients against a server over real loopback sockets for a given time, in both
// formats, while the server is restarted and connections break; and watches that nothing is done
// twice, lost in silence or left behind, and that memory stays where it is.
//
//	go run ./internal/soak -for 10m
//
// It prints what happened, and how much memory and how many goroutines that takes, from time to
// time. Its exit status is 1 if something was wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	cfg := config{out: os.Stdout}
	flag.DurationVar(&cfg.length, "for", 10*time.Minute, "how long")
	flag.IntVar(&cfg.events, "events", 1_000_000, "how many events the server publishes at least, if it has the time")
	flag.IntVar(&cfg.callers, "callers", 4, "callers of each client")
	flag.DurationVar(&cfg.between, "between", 5*time.Second, "mean time between faults")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, cfg)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}
