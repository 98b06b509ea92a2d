package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/rounds"
	"github.com/xraph/dispatch/bench/internal/stub"
	"github.com/xraph/dispatch/bench/internal/work"
)

// serve runs a server (stub, nats or grpc) for some work, prints its address, and ends with its
// standard input.
func serve(_ context.Context, args []string) (err error) {
	if len(args) != 2 {
		return errors.New("usage: bench serve stub|nats|grpc WORK")
	}
	var w work.Work
	if err := json.Unmarshal([]byte(args[1]), &w); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	switch args[0] {
	case "stub":
		stub.Serve(l, w)
		fmt.Printf("ws://%s/dwp\n", l.Addr())
	case "nats":
		srv, err := stub.ServeNATS(w)
		if err != nil {
			return err
		}
		defer srv.Close()
		fmt.Println(srv.URL)
	case "grpc":
		stub.ServeGRPC(l)
		fmt.Println(l.Addr())
	default:
		return fmt.Errorf("there is no server %q", args[0])
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// runClient has one contestant do some work and prints the result as JSON.
func runClient(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: bench client NAME ADDRESS WORK")
	}
	var w work.Work
	if err := json.Unmarshal([]byte(args[2]), &w); err != nil {
		return err
	}
	return profiled(args[0], w, func() error {
		result, err := contestant.Run(ctx, args[0], args[1], w)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(result)
	})
}

// status is the exit status of an error.
func status(err error) int {
	if errors.Is(err, contestant.ErrUnsupported) {
		return rounds.Unsupported
	}
	return 1
}
