package devserver

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/xraph/dispatch/client"
)

// serveEvents serves GET /dwp/sse: the events of one channel as server-sent events, each with its
// type and its envelope as data. Without a channel, or a token that may subscribe, the stream is
// empty.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, ErrClosed.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.serving.Done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer s.streaming(cancel)()

	sub := newSubscriber(&s.cfg)
	sub.enforced = false // a client cannot grant credits here
	s.broker.join(sub)
	defer s.broker.leave(sub)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("Connection", "keep-alive")
	h.Set("X-Accel-Buffering", "no")
	_, _ = io.WriteString(w, "retry: 3000\n\n")
	channel := r.URL.Query().Get("channel")
	who, ok := s.identify(r.URL.Query().Get("token"))
	if !ok || channel == "" || !s.permits(who, client.MethodSubscribe) {
		return
	}
	_ = s.broker.subscribe(sub, channel) // an invalid channel has no events
	stream := http.NewResponseController(w)
	defer interrupting(ctx, stream)()
	for {
		if err := stream.Flush(); err != nil {
			return
		}
		select {
		case <-sub.wake:
		case <-ctx.Done():
			return
		}
		events := sub.take()
		for _, ev := range events {
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", ev.kind, ev.envelope)
		}
		sub.written(len(events))
	}
}

// interrupting makes writes to a stream fail when ctx ends, whether or not the client reads, until
// done is called.
func interrupting(ctx context.Context, stream *http.ResponseController) (done func()) {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		_ = stream.SetWriteDeadline(time.Now())
	})
	return func() {
		if !stop() {
			<-interrupted
		}
	}
}

// streaming lets Disconnect cancel a stream until done is called.
func (s *Server) streaming(cancel context.CancelFunc) (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[&cancel] = struct{}{}
	if s.closed {
		cancel()
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.streams, &cancel)
	}
}
