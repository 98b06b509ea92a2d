// Command server runs the in-memory Dispatch server with the job and the workflow of
// the documentation, for trying out a client:
//
//	go run ./examples/server
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/xraph/dispatch/devserver"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "the TCP address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *addr)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr string) error {
	srv := newServer()
	if err := srv.Listen(addr); err != nil {
		return err
	}
	fmt.Printf("serving ws://%s/dwp with the token %s; interrupt to stop\n", addr, devserver.DefaultToken)
	<-ctx.Done()
	return srv.Close()
}

// newServer makes a server that sends mails and ships orders, as far as a log line goes.
func newServer() *devserver.Server {
	srv := devserver.New(devserver.WithQueues("default", "critical"), devserver.WithLogger(slog.Default()))
	srv.HandleJob("send-email", func(_ context.Context, job devserver.Job) error {
		var mail struct {
			To      string `json:"to"`
			Subject string `json:"subject"`
		}
		if err := json.Unmarshal(job.Payload, &mail); err != nil {
			return err
		}
		if mail.To == "" {
			return errors.New("a mail to nobody")
		}
		log.Printf("%s: mail to %s: %s", job.ID, mail.To, mail.Subject)
		return nil
	})
	srv.HandleWorkflow("order-pipeline", func(ctx context.Context, run *devserver.Run) (any, error) {
		for _, step := range []string{"validate", "charge", "ship"} {
			if err := run.Step(step, func(context.Context) (any, error) {
				log.Printf("%s: %s %s", run.ID(), step, run.Input())
				return nil, pause(ctx, 100*time.Millisecond)
			}); err != nil {
				return nil, err
			}
		}
		return map[string]string{"status": "shipped"}, nil
	})
	return srv
}

// pause takes as long as the work would, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
