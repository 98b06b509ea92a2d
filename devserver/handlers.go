package devserver

import (
	"context"
	"encoding/json"
	"sync"
)

// RawHandler serves a method that was registered by name. data is the request's data, nil without
// any; the result is encoded by encoding/json. The context ends with the server. Handlers run
// concurrently, one at a time for each connection. An error made by [Errorf] answers with its code,
// any other error and a panic with [client.CodeInternal]. A handler that ends its goroutine, as
// testing.T.FailNow does, drops the connection.
type RawHandler func(ctx context.Context, data json.RawMessage) (any, error)

// rawMethod is a method that the user serves, with the scopes that it requires.
type rawMethod struct {
	serve  RawHandler
	scopes []string
}

// handlers holds the user's handlers by name.
type handlers struct {
	mu        sync.RWMutex
	jobs      map[string]JobHandler
	workflows map[string]WorkflowHandler
	raw       map[string]rawMethod
}

func newHandlers() *handlers {
	return &handlers{jobs: map[string]JobHandler{}, workflows: map[string]WorkflowHandler{}, raw: map[string]rawMethod{}}
}

// HandleJob registers the handler for the jobs of a name, replacing an earlier one; nil removes it.
// It may be called at any time.
func (s *Server) HandleJob(name string, h JobHandler) {
	s.handlers.mu.Lock()
	defer s.handlers.mu.Unlock()
	s.handlers.jobs[name] = h
}

// HandleWorkflow registers the handler for the workflow of a name, replacing an earlier one; nil
// removes it. It may be called at any time.
func (s *Server) HandleWorkflow(name string, h WorkflowHandler) {
	s.handlers.mu.Lock()
	defer s.handlers.mu.Unlock()
	s.handlers.workflows[name] = h
}

// HandleRaw registers the handler for a method: one that the protocol does not have, or one of the
// protocol's, which it then replaces. nil removes it. It may be called at any time.
//
// The client's token needs all of scopes; a scope "" is always granted. Without scopes, a method of
// the schema needs the scope that the schema says. A method that the schema does not have needs
// what production servers require by its name: [client.ScopeJobWrite] for job.x,
// [client.ScopeWorkflowWrite] for workflow.x, and "admin" for anything else.
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
