package devserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// Server is an in-memory Dispatch server. Create it with [New] and release it with [Server.Close];
// the zero Server is not usable. It is an [http.Handler] that serves /dwp, /dwp/rpc and /dwp/sse;
// [Server.Listen] and [Server.Serve] run an HTTP server. Its methods are safe for concurrent use.
type Server struct {
	cfg      config
	handlers *handlers
	broker   *broker
	journal  *journal
	mux      *http.ServeMux
	http     *http.Server
	clock    clock
	faults   faults
	serving  sync.WaitGroup // connections, listeners and requests of side transports

	mu      sync.Mutex
	closed  bool
	engine  *engine
	conns   map[*conn]struct{}
	streams map[*context.CancelFunc]struct{} // of server-sent events
	number  int                              // of the last connection
	drops   Drops                            // of connections that have ended
	url     string                           // of the first listener
}

// New returns a server that does not listen yet. Close it even if it never listens.
func New(opts ...Option) *Server {
	s := &Server{
		cfg: newConfig(opts), handlers: newHandlers(), broker: newBroker(), journal: &journal{},
		mux: http.NewServeMux(), conns: map[*conn]struct{}{}, streams: map[*context.CancelFunc]struct{}{},
	}
	s.journal.keep, s.faults.keep = s.cfg.retention, s.cfg.retention
	s.engine = newEngine(&s.cfg, s.handlers, s.broker, s.journal)
	s.route("/dwp", http.MethodGet, s.serveSocket)
	s.route("/dwp/rpc", http.MethodPost, s.serveRPC)
	s.route("/dwp/sse", http.MethodGet, s.serveEvents)
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, BaseContext: baseContext,
		ErrorLog: slog.NewLogLogger(s.cfg.log.Handler(), slog.LevelDebug),
	}
	return s
}

// headerTimeout limits how long a connection may take to send a request's header.
const headerTimeout = 10 * time.Second

// route registers a handler for the requests of one HTTP method at a path, with and without a final
// slash.
func (s *Server) route(path, method string, h http.HandlerFunc) {
	only := func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		h(w, r)
	}
	s.mux.HandleFunc(path, only)
	s.mux.HandleFunc(path+"/{$}", only)
}

// ServeHTTP serves the protocol and its side transports under /dwp. It refuses a request of a web
// page of another origin with 403; see [WithOrigins]. It does not check the Host header. It blocks
// until the request is served: for a WebSocket, until the connection ends. A closed server answers
// with 503.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.cfg.admit(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Listen serves on a TCP address until the server is closed. Port 0 takes a free port; [Server.URL]
// says which. It returns at once: [ErrClosed] if the server is closed, the error of [net.Listen],
// or that of an invalid option.
//
// On an address beyond loopback, a server that accepts [DefaultToken] refuses to listen. On
// loopback, the server refuses requests of web pages and of side transports with 403 if their Host
// header names neither loopback nor the host of addr.
func (s *Server) Listen(addr string) error {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	host, _ := splitHost(addr)
	l := namedListener{tcp, host}
	if err := s.adopt(l); err != nil {
		return err
	}
	go func() {
		defer s.serving.Done()
		_ = s.http.Serve(l)
	}()
	return nil
}

// Serve serves the connections of a listener, such as one of in-memory connections, and closes it
// with the server. It blocks until the server is closed and returns nil, or until the listener
// fails and returns its error. A closed server returns [ErrClosed]. As with [Server.Listen], a TCP
// listener beyond loopback needs a token other than [DefaultToken].
func (s *Server) Serve(l net.Listener) error {
	if err := s.adopt(l); err != nil {
		return err
	}
	defer s.serving.Done()
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// adopt adds a listener and adds 1 to serving, or closes the listener and returns an error.
func (s *Server) adopt(l net.Listener) error {
	err := s.cfg.err
	if _, known := s.cfg.tokens[DefaultToken]; known && isPublic(l) {
		err = fmt.Errorf("devserver: %v is not on loopback, and DefaultToken is public: set another token with WithToken", l.Addr())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		err = ErrClosed
	}
	if err != nil {
		_ = l.Close() // it is refused already
		return err
	}
	if s.url == "" {
		s.url = "ws://" + l.Addr().String() + "/dwp"
	}
	s.serving.Add(1)
	return nil
}

// URL returns the address to dial for the first listener, such as ws://127.0.0.1:49152/dwp. It is
// empty before there is a listener.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Close drops every connection without a close frame, cancels the contexts of handlers, and waits
// for handlers and hooks to return, without a time limit. Handlers and hooks must not call it. It
// returns the error of closing the listeners. Further calls have no effect.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	e := s.engine
	s.mu.Unlock()
	err := s.http.Close()
	s.Disconnect()
	e.close()
	s.serving.Wait()
	for _, h := range s.cfg.hooks {
		h.running.Wait()
	}
	return err
}

// Disconnect drops every connection without a close frame. The server goes on listening. It does
// not wait for the connections to end.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.drop()
	}
	for cancel := range s.streams {
		(*cancel)()
	}
}

// Restart drops every connection and goes on listening. With keepMemory, jobs and runs are kept and
// go on meanwhile, as if workers and their store were other processes; a client misses the events
// until it has subscribed again. Without it, the server ends what runs, waits for it, and forgets
// everything but handlers, tokens, faults and the journal. Handlers must not call it without
// keepMemory.
func (s *Server) Restart(keepMemory bool) {
	s.mu.Lock()
	old := s.engine
	if !keepMemory && !s.closed {
		s.engine = newEngine(&s.cfg, s.handlers, s.broker, s.journal)
	}
	s.mu.Unlock()
	s.Disconnect()
	if !keepMemory {
		old.close()
		s.broker.reset()
	}
}

// memory returns the present engine.
func (s *Server) memory() *engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engine
}

// Conns returns how many WebSocket connections are open, authenticated or not.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Drops counts the events that the server has dropped without notice, on all connections since it
// was made.
func (s *Server) Drops() Drops {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.drops
	for c := range s.conns {
		sum.add(c.sub.dropped())
	}
	return sum
}

// Publish sends an event to the subscribers of the matching channels, as if it had happened. topic
// is that of the entity, such as client.JobChannel(id), or empty. payload is encoded by
// encoding/json; if that fails, the payload is the error's text. It does not wait for the
// connections.
func (s *Server) Publish(t client.EventType, topic string, payload any) {
	s.broker.publish(t, topic, payload)
}

// FireCron does what a cron entry does when it is due: it enqueues a job and publishes cron.fired,
// to the firehose only. It returns the job's id, the error of encoding the payload, or [ErrClosed].
func (s *Server) FireCron(entry, jobName string, payload any) (jobID string, err error) {
	result, err := s.memory().Enqueue(context.Background(), &client.EnqueueRequest{Name: jobName, Payload: payload})
	if err != nil {
		return "", err
	}
	s.Publish(client.EventCronFired, "", &client.CronEvent{EntryName: entry, JobID: result.JobID})
	return result.JobID, nil
}

// clock returns strictly increasing times, for ids made of the time.
type clock struct {
	mu   sync.Mutex
	last time.Time
}

func (s *clock) next() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := now()
	if !t.After(s.last) {
		t = s.last.Add(time.Nanosecond)
	}
	s.last = t
	return t
}
