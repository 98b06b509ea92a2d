package devserver

import (
	"context"
	"encoding/json"
	"sync"
)

// RawHandler serves a method by name: it is given the request's data, nil without
// any, and what it returns is encoded by encoding/json. [Errorf] makes an error with a code. A panic is answered with
// [client.CodeInternal]. A handler that ends its goroutine, as testing.T.FailNow does, drops the connection.
type RawHandler func(ctx context.Context, data json.RawMessage) (any, error)

// rawMethod is a method that the user serves, and the scopes that it wants.
type rawMethod struct {
	serve  RawHandler
	scopes []string
}

// handlers is what the user registered, by name.
type handlers struct {
	mu        sync.RWMutex
	jobs      map[string]JobHandler
	workflows map[string]WorkflowHandler
	raw       map[string]rawMethod
}

func newHandlers() *handlers {
	return &handlers{jobs: map[string]JobHandler{}, workflows: map[string]WorkflowHandler{}, raw: map[string]rawMethod{}}
}

// HandleJob registers the handler of the jobs of a name, at any time; it replaces an
// earlier one. nil removes it.
func (s *Server) HandleJob(name string, h JobHandler) {
	s.handlers.mu.Lock()
	defer s.handlers.mu.Unlock()
	s.handlers.jobs[name] = h
}

// HandleWorkflow registers the handler of the workflow of a name, at any time; it
// replaces an earlier one. nil removes it.
func (s *Server) HandleWorkflow(name string, h WorkflowHandler) {
	s.handlers.mu.Lock()
	defer s.handlers.mu.Unlock()
	s.handlers.workflows[name] = h
}

// HandleRaw serves a method by name, at any time: one that the protocol does not have, or
// one of the protocol's in another way. nil removes it. The client's token needs each of scopes; "" is none. Without any
// it needs the scope that the schema says; and for a method that the schema does not have what production servers want by
// the name: [client.ScopeJobWrite] for job.x, [client.ScopeWorkflowWrite] for workflow.x, "admin" for anything else.
func (s *Server) HandleRaw(method string, h RawHandler, scopes ...string) {
	s.handlers.mu.Lock()
	defer s.handlers.mu.Unlock()
	if h == nil {
		delete(s.handlers.raw, method)
		return
	}
	s.handlers.raw[method] = rawMethod{h, scopes}
}

func (h *handlers) job(name string) JobHandler {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.jobs[name]
}

func (h *handlers) workflow(name string) WorkflowHandler {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.workflows[name]
}

func (h *handlers) method(name string) RawHandler {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.raw[name].serve
}

func (h *handlers) scopes(method string) []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.raw[method].scopes
}
