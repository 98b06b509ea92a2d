package contestant

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/xraph/dispatch/bench/internal/stub"
	"github.com/xraph/dispatch/bench/internal/work"
)

// Every contestant does the work, or says that it cannot; each call's reply reached its caller,
// each event came, and the stub server has answered just as many calls as the contestant says it
// made.
func TestContestantsDoTheWork(t *testing.T) {
	short := 20 * time.Millisecond
	all := []string{Raw, Dispatch, Envelope, Naive, Coder, NATS, GRPC}
	webSockets := []string{Raw, Dispatch, Naive, Coder}
	callers := append([]string{NATS, GRPC}, webSockets...)
	for _, test := range []struct {
		name string
		work work.Work
		able []string
	}{
		{"one caller", work.Work{Kind: work.Calls, Format: "json", Callers: 1, Size: 64, Duration: short}, callers},
		{"64 callers", work.Work{Kind: work.Calls, Format: "json", Callers: 64, Size: 256, Duration: short}, callers},
		{"64 callers in msgpack", work.Work{Kind: work.Calls, Format: "msgpack", Callers: 64, Size: 256, Warm: short, Duration: short}, webSockets},
		{"large calls", work.Work{Kind: work.Calls, Format: "json", Callers: 2, Size: 1 << 20, Duration: short}, callers},
		{"an open loop", work.Work{Kind: work.Open, Format: "json", Callers: 64, Size: 256, Rate: 5000, Duration: short}, callers},
		{
			"beside events",
			work.Work{Kind: work.Open, Format: "json", Callers: 8, Size: 256, Rate: 5000, Duration: short, EventRate: 5000, Subscriptions: 1},
			[]string{Dispatch},
		},
		{
			"beside large calls",
			work.Work{Kind: work.Open, Format: "json", Callers: 8, Size: 256, Rate: 1000, Duration: short, LargeSize: 1 << 20},
			[]string{Dispatch, Naive, Coder},
		},
		{
			"events",
			work.Work{Kind: work.Events, Format: "json", Size: 128, Subscriptions: 1, Events: 2000},
			[]string{Raw, Dispatch, Envelope, Naive, Coder, NATS},
		},
		{
			"events in msgpack",
			work.Work{Kind: work.Events, Format: "msgpack", Size: 128, Subscriptions: 1, Events: 2000},
			[]string{Raw, Dispatch, Envelope, Naive, Coder},
		},
		{
			"large events",
			work.Work{Kind: work.Events, Format: "json", Size: 1 << 20, Subscriptions: 1, Events: 8},
			[]string{Raw, Dispatch, Envelope, Naive, Coder, NATS},
		},
		{
			"50 subscriptions",
			work.Work{Kind: work.Events, Format: "json", Size: 128, Subscriptions: 50, Events: 2000},
			[]string{Raw, Dispatch, Envelope, Naive, Coder},
		},
	} {
		able := map[string]bool{}
		for _, name := range test.able {
			able[name] = true
		}
		for _, name := range all {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				addr, answered := server(t, Server(name), test.work)
				result, err := Run(t.Context(), name, addr, test.work)
				if !able[name] {
					if !errors.Is(err, ErrUnsupported) {
						t.Fatalf("error %v, want one that matches ErrUnsupported", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if result.Operations == 0 || result.CPU <= 0 {
					t.Errorf("result %+v", result)
				}
				if got, want := answered(), int64(result.Total); test.work.Kind == work.Calls && got >= 0 && got != want {
					t.Errorf("the server answered %d calls, the client counts %d", got, want)
				}
			})
		}
	}
}

// server starts a server and returns how many calls it has answered, which is below 0 where it does
// not count them.
func server(t *testing.T, kind string, w work.Work) (addr string, answered func() int64) {
	t.Helper()
	uncounted := func() int64 { return -1 }
	if kind == "nats" {
		srv, err := stub.ServeNATS(w)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(srv.Close)
		return srv.URL, uncounted
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if kind == "grpc" {
		t.Cleanup(stub.ServeGRPC(l).Stop)
		return l.Addr().String(), uncounted
	}
	return "ws://" + l.Addr().String() + "/dwp", stub.Serve(l, w).Calls.Load
}
