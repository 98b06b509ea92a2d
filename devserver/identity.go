package devserver

import (
	"context"
	"slices"
	"strings"

	"github.com/xraph/dispatch/client"
)

// Identity is who a token stands for, and what it may do. Jobs and runs belong to
// its application and organization, whatever a frame says.
type Identity struct {
	AppID string
	OrgID string
	// Scopes are those of package client, such as [client.ScopeJobRead].
	Scopes []string
}

func (who *Identity) may(scope string) bool {
	return scope == "" || slices.Contains(who.Scopes, client.ScopeAll) || slices.Contains(who.Scopes, scope)
}

// scopeAdmin is what production servers want for methods of no other kind. The protocol has no method of it.
const scopeAdmin = "admin"

// permits reports whether who may have a method served: one of [Server.HandleRaw] by the scopes it was registered with,
// one of the schema by the scope that is annotated there, any other one by its name, whether it is served or not.
func (s *Server) permits(who *Identity, method string) bool {
	if scopes := s.handlers.scopes(method); len(scopes) > 0 {
		return !slices.ContainsFunc(scopes, func(scope string) bool { return !who.may(scope) })
	}
	scope, known := scopeOf(method)
	switch kind, _, _ := strings.Cut(method, "."); {
	case known || method == "":
	case method == "job.list":
		scope = client.ScopeJobRead
	case kind == "job" && kind != method:
		scope = client.ScopeJobWrite
	case kind == "workflow" && kind != method:
		scope = client.ScopeWorkflowWrite
	default:
		scope = scopeAdmin
	}
	return who.may(scope)
}

// caller is on whose behalf a method is served.
type caller struct {
	who     *Identity
	conn    int    // the connection's number, 0 for a side transport
	session string // the connection's session id, empty for a side transport
	request string // the request's id
	strict  bool   // whether the request has to be as the schema says
}

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// callerOf returns the caller that the context carries, the zero caller for
// work that no client asked for.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	if c.who == nil {
		c.who = &Identity{}
	}
	return c
}
