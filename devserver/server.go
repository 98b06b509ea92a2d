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
	"github.com/xraph/dispatch/internal/wire"
)

// Server is an in-memory Dispatch server. Its methods are safe for concurrent use. It is
// an [http.Handler] that serves /dwp, /dwp/rpc and /dwp/sse; [Server.Listen] and [Server.Serve]
// bring an HTTP server along. Make one with [New] and end it with [Server.Close].
type Server struct {
	cfg      config
	handlers *handlers
	broker   *broker
	journal  *journal
	mux      *http.ServeMux
	http     *http.Server
	clock    clock
	faults   faults
	serving  sync.WaitGroup // connections and listeners

	mu      sync.Mutex
	closed  bool
	engine  *engine
	conns   map[*conn]struct{}
	streams map[*context.CancelFunc]struct{} // of server-sent events
	number  int                              // of the last connection
	drops   Drops                            // on connections that have ended
	url     string
}

// New makes a server that listens nowhere yet.
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

// headerTimeout bounds how long a connection may take to send the header of a request.
const headerTimeout = 10 * time.Second

// route has requests of a method served at a path, with a slash at its end or not.
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

// ServeHTTP serves the protocol and its side transports under /dwp. A request that comes from a web page of another origin is
// refused with 403; see [WithOrigins]. Which host a request is for is not checked.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.cfg.admit(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Listen serves on a TCP address until the server is closed; port 0 takes a free
// one, which [Server.URL] returns. It returns at once. On an address beyond loopback, a server that accepts
// [DefaultToken] fails to listen.
//
// On loopback, requests that come from web pages or use a side transport are refused with 403 if their Host
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

// Serve serves the connections of a listener, such as one of in-memory connections, and
// closes it when the server is closed. It blocks until then and returns nil; or the
// error that the listener failed with before. As with [Server.Listen], a TCP listener beyond loopback
// takes a token other than [DefaultToken].
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

// adopt admits a listener, for which serving is then done once, or closes it.
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
		l.Close()
		return err
	}
	if s.url == "" {
		s.url = "ws://" + l.Addr().String() + "/dwp"
	}
	s.serving.Add(1)
	return nil
}

// URL is where a client dials the first listener, such as ws://127.0.0.1:49152/dwp. It is empty
// before there is one.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Close drops every connection without a word, ends what runs and waits for it, hooks included. Handlers
// see their contexts end; they and hooks must not call it. It is safe to call more than once.
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

// Disconnect drops every connection without a word, as a server does that goes away.
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

// Restart drops every connection and goes on listening. With its memory, jobs and runs are
// kept and go on meanwhile, as when workers and their store are processes of
// their own; what happens before a client has subscribed again is missed. Without it, what runs is
// ended and nothing is remembered but handlers, tokens, faults and the journal. It waits for what it ends, so handlers
// must not call it so.
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

// memory is the engine of now.
func (s *Server) memory() *engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engine
}

// Conns returns how many connections are open, authenticated or not.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Drops counts the events that the server dropped without cancelRunning a client, on all
// connections so far.
func (s *Server) Drops() Drops {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.drops
	for c := range s.conns {
		sum.add(c.sub.dropped())
	}
	return sum
}

// Publish announces an event as if it had happened, to whoever subscribed to a matching
// channel. The topic is that of the entity, such as client.JobChannel(id), or empty.
func (s *Server) Publish(t client.EventType, topic string, payload any) {
	s.broker.publish(t, topic, payload)
}

// FireCron does what a cron entry does that falls due: it enqueues a job and announces
// cron.fired, to the firehose only. It returns the job's id.
func (s *Server) FireCron(entry, jobName string, payload any) (jobID string, err error) {
	result, err := s.memory().Enqueue(context.Background(), &wire.EnqueueRequest{Name: jobName, Payload: payload})
	if err != nil {
		return "", err
	}
	s.Publish(client.EventCronFired, "", &client.CronEvent{EntryName: entry, JobID: result.JobID})
	return result.JobID, nil
}

// clock gives times that strictly increase, for ids made of the time.
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
