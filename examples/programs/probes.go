package programs

import (
	"context"
	"net/http"
	"time"

	"github.com/xraph/dispatch/client"
)

// Probes serves what Kubernetes asks a program that uses a client: /livez fails once the client has
// given up, such as on refused credentials, and /readyz while there is no connection.
func Probes(c *client.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) {
		if err := c.Err(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if state := c.State(); state != client.StateReady {
			http.Error(w, state.String(), http.StatusServiceUnavailable)
		}
	})
	return mux
}

// Run serves until ctx ends, such as on SIGTERM, and lets what is under way finish.
func Run(ctx context.Context, c *client.Client, grace time.Duration) error {
	select {
	case <-ctx.Done():
	case <-c.Done(): // the client has given up
		return c.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return c.Drain(ctx)
}
