// Command example serves the metrics of a Dispatch client to Prometheus, at
// http://localhost:9464/metrics. The client enqueues a job each second on a server in memory:
//
//	GOWORK=off go -C otel/example run .
//
// It is a module of its own, so that importers of otel get neither the SDK nor Prometheus.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/xraph/dispatch/devserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv := devserver.New()
	srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	defer srv.Close()
	c, metrics, err := connect(ctx, srv.URL(), devserver.DefaultToken)
	if err != nil {
		return err
	}
	defer c.Close()
	http.Handle("/metrics", metrics)
	web := &http.Server{Addr: "localhost:9464", ReadHeaderTimeout: time.Second}
	defer web.Close()
	failed := make(chan error, 1)
	go func() { failed <- web.ListenAndServe() }()
	fmt.Println("metrics: http://localhost:9464/metrics")
	for {
		if _, err := c.Enqueue(ctx, "send-email", nil); err != nil && !errors.Is(err, context.Canceled) {
			log.Print(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-time.After(time.Second):
		}
	}
}
