// Package dwptest gives tests a Dispatch server and a client of it, in one line:
//
//	srv, c := dwptest.New(t)
//	srv.HandleJob("send-email", func(ctx context.Context, job devserver.Job) error { … })
//
// The server is a [devserver.Server]: it behaves as production servers do, and injects faults on
// demand. Each frame that either side sends is checked against the protocol's schema; a frame that
// violates it fails the test, even if the server accepts it. Jobs that do not run, because their
// queue is not polled or their name has no handler, are logged in the test's log.
//
// Server and client are closed when the test ends. A fault that was injected and never acted then
// fails the test, because the test proves nothing about it; so does a fault for an unknown method.
package dwptest

import (
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/conform"
	"github.com/xraph/dispatch/internal/memnet"
)

// Server is a server for a test. Create it with [New] or [NewServer]; the zero Server is not
// usable. Its methods are safe for concurrent use, except that [Server.Dial] must run on the
// goroutine of the test.
type Server struct {
	*devserver.Server
	t        testing.TB
	inMemory *memnet.Listener // nil on loopback
}

// New starts a server and a client of it that has dialled with [devserver.DefaultToken]. It blocks
// until the client is ready. Both are closed when the test and its subtests are done. An error ends
// the test at once, as testing.T.Fatal does, so New must run on the goroutine of the test.
func New(t testing.TB, opts ...Option) (*Server, *client.Client) {
	t.Helper()
	cfg := configure(opts)
	srv := start(t, cfg)
	return srv, srv.Dial(cfg.client...)
}

// NewServer is [New] without a client, for programs that dial by themselves. Options for the client
// have no effect.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return start(t, configure(opts))
}

func start(t testing.TB, cfg config) *Server {
	t.Helper()
	checker, err := conform.New()
	if err != nil {
		t.Fatal(err)
	}
	check := func(m devserver.Traffic) {
		if v, ok := violation(checker, m); ok && !cfg.allowed(v) {
			t.Errorf("dwptest: %s", v)
		}
	}
	opts := append([]devserver.Option{devserver.WithLogger(warnings(t))}, cfg.server...)
	s := &Server{Server: devserver.New(append(opts, devserver.WithBlockingHook(check))...), t: t}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("dwptest: close the server: %v", err)
		}
		cfg.reportFaults(t, checker, s.Faults())
	})
	if !cfg.inMemory {
		if err := s.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s.inMemory = memnet.Listen(0)
	served := make(chan error, 1)
	go func() { served <- s.Serve(s.inMemory) }()
	t.Cleanup(func() { // before the one above
		_ = s.Close() // reported above
		if err := <-served; err != nil {
			t.Errorf("dwptest: serve: %v", err)
		}
	})
	return s
}

// Dial returns another client of the server, and closes it when the test is done. opts come after
// [Server.ClientOptions]. It blocks until the client is ready; an error ends the test, as
// testing.T.Fatal does.
func (s *Server) Dial(opts ...client.Option) *client.Client {
	s.t.Helper()
	c, err := client.DialContext(s.t.Context(), s.URL(), append(s.ClientOptions(), opts...)...)
	if err != nil {
		s.t.Fatalf("dwptest: dial: %v", err)
	}
	s.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			s.t.Errorf("dwptest: close the client: %v", err)
		}
	})
	return c
}

// URL returns the address to dial. In memory it is only a name; see [Server.ClientOptions].
func (s *Server) URL() string {
	if s.inMemory != nil {
		return "ws://" + s.inMemory.Addr().String() + "/dwp"
	}
	return s.Server.URL()
}

// ClientOptions returns the options that a program needs, besides [Server.URL], to dial the server
// by itself: the token and, for an in-memory server, the dial function.
func (s *Server) ClientOptions() []client.Option {
	opts := []client.Option{client.WithToken(devserver.DefaultToken)}
	if s.inMemory != nil {
		opts = append(opts, client.WithDialContext(s.inMemory.Dial))
	}
	return opts
}
