package devserver

import (
	"context"
	"slices"

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

// caller is on whose behalf a method is served.
type caller struct {
	who     *Identity
	conn    int    // the connection's number, 0 for a side transport
	session string // the connection's session id, empty for a side transport
	request string // the request's id
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
