package devserver

import (
	"context"
	"slices"
	"strings"

	"github.com/xraph/dispatch/client"
)

// Identity is what a token grants: an application, an organization and scopes. Jobs
// and runs belong to that application and organization, whatever a frame says. The zero Identity is
// allowed nothing.
type Identity struct {
	AppID string
	OrgID string
	// Scopes are the constants of package client, such as [client.ScopeJobRead] or
	// [client.ScopeAll].
	Scopes []string
}

func (id *Identity) may(scope string) bool {
	return scope == "" || slices.Contains(id.Scopes, client.ScopeAll) || slices.Contains(id.Scopes, scope)
}

// scopeAdmin is what production servers require for every other method. No method of the protocol
// needs it.
const scopeAdmin = "admin"

// permits reports whether an identity may call a method. One of [Server.HandleRaw] needs the scopes
// that it was registered with, one of the schema the scope that is annotated there. For any other
// one the name decides, even if the method is not served.
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

// caller is the origin of a request that is served.
type caller struct {
	who     *Identity
	conn    int    // the connection's number, 0 for a side transport
	session string // the connection's session id, empty for a side transport
	request string // the request's id
	strict  bool   // whether the request must conform to the schema
}

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// callerOf returns the caller in ctx. Without one, as for work of the server itself, the identity
// is empty.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	if c.who == nil {
		c.who = &Identity{}
	}
	return c
}
