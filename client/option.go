package client

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Option configures a client. A bad value is an error of [DialContext].
type Option func(*config)

// WithToken authenticates with a fixed token. It is never logged, and not tried again once the
// server has refused it: with 401 or 403, or with close code 1008 before the session is ready. An
// error that would quote it says [redacted] instead, for a token of fewer than 8 characters only
// where it is a whole word. Default: none. Not to be combined with [WithTokenSource].
func WithToken(token string) Option {
	return func(c *config) { c.token = token }
}

// WithTokenSource asks source for a token before each authentication, with a ctx that ends when the
// attempt does, or with Close. When the server refuses the token, source is asked once more; a
// second refusal closes the client for good. An error of source fails the attempt, which is then
// repeated like any other. While a source that ignores its ctx has not returned, later attempts
// wait for it rather than ask again. Attempts at the same time, such as those of lanes, ask at the
// same time. Default: none.
func WithTokenSource(source func(context.Context) (string, error)) Option {
	return func(c *config) { c.tokenSource, c.tokenSourceSet = source, true }
}

// WithFormat asks the server for "json" or "msgpack" frames. Which one is used is the server's
// choice. Default: "json".
func WithFormat(name string) Option {
	return func(c *config) { c.formatName = name }
}

// WithLogger logs what happens to the connection: lost and restored at Info, what a peer did wrong
// at Warn, attempts at Debug. An attempt that fails is logged at Warn when its cause is another
// than that of the attempt before, for lanes as well. Default (and nil): nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}

// WithReconnect says whether a lost connection is replaced. If not, the first loss closes the
// client, with its cause. Default: true.
func WithReconnect(on bool) Option {
	return func(c *config) { c.reconnect = on }
}

// WithBackoff replaces the delays before attempts to reconnect. The function is given the number of
// the attempt, from 1, which starts anew after 10 s of health; ok false closes the client for good.
// It must not block. A server's Retry-After is waited for in any case. Default: a random delay of
// up to 250 ms, doubling to up to 30 s, without end.
func WithBackoff(next func(attempt int) (delay time.Duration, ok bool)) Option {
	return func(c *config) { c.backoff = next }
}

// WithTLSConfig is used for wss URLs. It is cloned at once; without a ServerName it gets the URL's
// host. Default (and nil): the system's.
func WithTLSConfig(conf *tls.Config) Option {
	conf = conf.Clone()
	return func(c *config) { c.tls = conf }
}

// WithHeader adds HTTP headers to the WebSocket upgrade request. Those of the upgrade itself cannot
// be set. Default: none.
func WithHeader(header http.Header) Option {
	header = header.Clone()
	return func(c *config) { c.header = header }
}

// WithDialContext replaces how connections are made: any [net.Conn] will do, such as one through a
// proxy, in memory, or of a unix socket. The addr is the URL's, with its port. TLS of a wss URL is
// put on top. Closing the connection has to end its reads and writes; it need not have deadlines.
// An attempt ends in time even if the function ignores its ctx, or the connection does not close.
// At most 8 attempts are left behind in this way, and those that are made at the same time for
// lanes: after that, an attempt waits for the oldest. Default: a [net.Dialer].
func WithDialContext(dial func(ctx context.Context, network, addr string) (net.Conn, error)) Option {
	return func(c *config) { c.dial = dial }
}

// WithFailFast makes calls and subscriptions fail with [ErrNotConnected] while there is no session,
// where they would wait for the next one. Default: false.
func WithFailFast(on bool) Option {
	return func(c *config) { c.failFast = on }
}

// WithLanes limits the sessions for methods that block their connection, such as workflow.start.
// They are dialled on demand and closed when idle for 30 s; when all are taken, a call waits. At
// least 1, at most 1,024. Default: 4.
func WithLanes(sessions int) Option {
	return func(c *config) { c.lanes = sessions }
}

// WithCredits says how many events the server is granted right after authentication, and again
// whenever half are spent. A server without credits loses events in silence. At least 1, at most
// 1<<31-1. Default: 1,000,000.
func WithCredits(events int) Option {
	return func(c *config) { c.credits = events }
}

// WithConnectTimeout bounds each attempt to connect: the token source, the dial, the upgrade and
// the authentication together. Positive, at most 24 h. Default: 30 s.
func WithConnectTimeout(d time.Duration) Option {
	return func(c *config) { c.connectTimeout = d }
}

// WithWriteTimeout bounds each write of up to 32 KiB. When it passes, the session ends: by default,
// if a peer takes less than some 2 KiB a second. Positive, at most 24 h. Default: 15 s.
func WithWriteTimeout(d time.Duration) Option {
	return func(c *config) { c.writeTimeout = d }
}

// WithKeepAlive sets when the server is pinged and when the session is given up. It is pinged when
// nothing has been received for the first duration, or when a request has waited so long and
// nothing was answered meanwhile, whatever events came. The session ends with [ErrPingTimeout] when
// nothing has been received for the second duration, or when for so long after the ping was written
// there was neither an answer nor part of one. A connection that runs a workflow is exempt. Both
// positive and at most 24 h, the first below the second. Default: 15 s and 45 s.
func WithKeepAlive(ping, silence time.Duration) Option {
	return func(c *config) { c.pingAfter, c.deadAfter = ping, silence }
}
