package client

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Option configures a client in [DialContext] or [New], which return an error for an invalid value.
// Where an option is given twice, the last one counts.
type Option func(*config)

// WithToken authenticates with a fixed token. It cannot be combined with [WithTokenSource].
// Default: no token.
//
// A token that the server has refused, with 401 or 403 or with close code 1008 before the session
// is ready, is not tried again: the client closes. The token never appears in logs and errors. An
// error that would quote it has [redacted] in its place; a token of fewer than 8 characters is only
// redacted where it is a whole word.
func WithToken(token string) Option {
	return func(c *config) { c.token = token }
}

// WithTokenSource calls source for a token before each authentication. It cannot be combined with
// [WithToken]. Default: no source.
//
// The ctx of source ends with the attempt to connect, and when the client closes. If source returns
// an error, the attempt has failed and is repeated like any other. If the server refuses the token,
// source is called once more; a second refusal closes the client, see [WithTokenRetries]. Attempts
// at the same time, such as those of lanes, call source concurrently. While a source that ignores
// its ctx has not returned, later attempts wait for that call instead of making another.
func WithTokenSource(source func(context.Context) (string, error)) Option {
	return func(c *config) { c.tokenSource, c.tokenOption = fixed(source), "WithTokenSource" }
}

// WithExpiringTokenSource is [WithTokenSource] for tokens whose expiry is known. It replaces that
// option. The client renews its session before the token expires.
//
// When a fifth of the token's lifetime is left, but at most 5 minutes, give or take a fifth at
// random, source is called for the next token while the session goes on. If that token expires
// later than the session's, new calls wait, calls in flight are answered, for which there are 10 s,
// and the client connects anew with it. A call that is not answered by then ends as one whose
// connection is lost, with [ErrTokenExpiring] as the cause. Subscriptions get a [Gap]. Calls with
// [WithFailFast] wait too, until the attempt to connect fails. If the source returns an error or no
// later token, it is called again after half of the remaining time, at least 10 s and at most 5
// minutes, and the session is used until then, also beyond the expiry. A session is not renewed in
// its first 30 s, during [Client.Drain], or with [WithReconnect] off.
//
// A lane whose call is under way is not renewed, because its session is authenticated already. It
// is closed after its call, and idle lanes are closed at once.
func WithExpiringTokenSource(source func(context.Context) (Token, error)) Option {
	return func(c *config) { c.tokenSource, c.tokenOption = source, "WithExpiringTokenSource" }
}

// WithTokenRetries sets how often in a row a token source is called again after the server has
// refused its token, before the client closes, or DialContext or a call that needs a lane fails.
// The attempts have the delays of [WithBackoff]. Those of DialContext and of lanes have the default
// delays, but the first of them none. From 0 to 1<<31-1. It needs a token source. Default: 1.
func WithTokenRetries(times int) Option {
	return func(c *config) { c.tokenRetries, c.retriesSet = times, true }
}

// WithFormat asks the server for "json" or "msgpack" frames; the server decides. Default: "json".
func WithFormat(name string) Option {
	return func(c *config) { c.formatName = name }
}

// WithLogger logs what happens to the connection: its loss and its return at Info, faults of the
// peer at Warn, and attempts to connect at Debug. A failed attempt, also one of a lane, is logged
// at Warn if its cause differs from that of the attempt before. Default, and nil: no logging.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}

// WithReconnect sets whether the client replaces a lost connection. If it does not, the first loss
// closes it, with the cause of the loss. Default: true.
func WithReconnect(on bool) Option {
	return func(c *config) { c.reconnect = on }
}

// WithRetryDial makes [DialContext] repeat a failed first attempt until it succeeds or ctx ends, so
// give that a timeout. It pauses between attempts as when it reconnects; see [WithBackoff]. An
// error that does not pass, such as refused credentials or [ErrProtocolMismatch], is returned at
// once: those for which [RetryMayHelp] is false. If ctx ends, the error matches that of ctx and
// says, and wraps, why the latest attempt failed. Default: the first failure is returned. [New]
// repeats attempts in any case.
func WithRetryDial() Option {
	return func(c *config) { c.retryDial = true }
}

// WithEndpoints adds URLs at which the same server can be reached, to the one that [DialContext] or
// [New] gets. The endpoints have to share one store: the client takes a job or a run of one for
// known at all of them. They share all options too. What the URL says belongs to its endpoint
// alone: the TLS server name, unless [WithTLSConfig] sets one, the user, the path and the query. A
// URL that is given twice counts once. Default: none.
//
// The endpoints are tried in order. After a failed attempt or a loss the next one follows, and the
// one that failed is the last. Each has its own back-off: the argument of the function of
// [WithBackoff] counts its attempts, and if that returns false, it is left out. So is one that has
// refused the credentials (a token source is asked once more), or that does not speak the protocol,
// until a session elsewhere has lasted for 10 s. When all are left out, the client closes with the
// errors of all. An endpoint that accepts connections and does not answer is given up after
// [WithConnectTimeout].
//
// DialContext tries each endpoint once, without a delay, and again with [WithRetryDial]. If its ctx
// has a deadline, an attempt gets an equal share of the time that is left, of at least 2 s. Lanes
// are opened at the endpoint of the client's session. [Transition] and [Counters] name endpoints.
func WithEndpoints(urls ...string) Option {
	urls = slices.Clone(urls)
	return func(c *config) { c.otherURLs = urls }
}

// WithShuffledEndpoints has the client try its endpoints in a random order, so that many clients
// spread over them. The order is drawn once. Default: the URL of [DialContext] or [New], and then
// those of [WithEndpoints] as they are given.
func WithShuffledEndpoints() Option {
	return func(c *config) { c.shuffled = true }
}

// WithBackoff replaces the delays before attempts to reconnect. The argument of next is the number
// of the attempt, from 1; it starts anew once a session has lasted for 10 s. If next returns false,
// the client closes. A delay that the server asks for with Retry-After, up to an hour, is a lower
// bound. The function must not block.
//
// Default: a random delay of at most 250 ms before the first attempt. The maximum doubles with each
// attempt, up to 30 s. The client never gives up.
func WithBackoff(next func(attempt int) (delay time.Duration, ok bool)) Option {
	return func(c *config) { c.backoff = next }
}

// WithTLSConfig sets the TLS configuration for wss URLs. It is cloned. An empty ServerName means
// the host of the URL. Default, and nil: the zero configuration.
func WithTLSConfig(conf *tls.Config) Option {
	conf = conf.Clone()
	return func(c *config) { c.tls = conf }
}

// WithHeader adds HTTP headers to the WebSocket upgrade request. The header is cloned. A header
// that belongs to the upgrade, such as Host or Connection, is an error of [DialContext]. Default:
// none.
func WithHeader(header http.Header) Option {
	header = header.Clone()
	return func(c *config) { c.header = header }
}

// WithDialContext replaces the function that connects. It can return any [net.Conn], such as one
// through a proxy, in memory or to a unix socket. The address has the host and port of the URL. For
// wss URLs, TLS runs on top of the connection. Its Close has to end its reads and writes; it does
// not need deadlines. Default: the method of a zero [net.Dialer].
//
// An attempt ends in time even if dial ignores its ctx, or if the connection does not close. The
// call is then left behind. At most 8 calls are left behind, plus those that are made concurrently
// for lanes; a further attempt waits for the oldest.
//
// With this option the proxies of the environment are not used; see [WithProxy].
func WithDialContext(dial func(ctx context.Context, network, addr string) (net.Conn, error)) Option {
	return func(c *config) { c.dial, c.dialSet = dial, true }
}

// WithProxy sets the function that returns the URL of the proxy for each connection, lanes
// included, or nil for none. Its request has the URL that is dialled, without user and query, and
// with the scheme http for ws and https for wss; its ctx ends with the attempt. [http.ProxyURL]
// makes such a function for one proxy. A nil function connects without a proxy. WithProxy cannot be
// combined with [WithDialContext], which can do what this option cannot, such as SOCKS.
//
// Default: [http.ProxyFromEnvironment]. So HTTP_PROXY counts for ws and HTTPS_PROXY for wss,
// NO_PROXY names exceptions, loopback is never proxied, and the process reads the environment once.
// With WithDialContext the default is no proxy.
//
// The URL of a proxy has the scheme http or https. The configuration of [WithTLSConfig] counts for
// an https proxy too, with the proxy's host as the ServerName. The client asks the proxy to CONNECT
// to the server, ws included, and sends it the user and the password in its URL, which appear in no
// log and no error. The headers of [WithHeader] are not sent to it. If it fails or refuses, the
// attempt has failed with a [*ProxyError] and is repeated like any other.
func WithProxy(proxy func(*http.Request) (*url.URL, error)) Option {
	return func(c *config) { c.proxy, c.proxySet = proxy, true }
}

// WithFailFast makes calls and subscriptions fail with [ErrNotConnected] while there is no session,
// instead of waiting for one. Default: false.
func WithFailFast(on bool) Option {
	return func(c *config) { c.failFast = on }
}

// WithLanes limits the lanes: connections for methods that block their connection, such as
// workflow.start. A lane is dialled on demand and closed after 30 s without a call. While all are
// in use, a further call waits until its ctx ends. From 1 to 1,024. Default: 4.
func WithLanes(sessions int) Option {
	return func(c *config) { c.lanes = sessions }
}

// WithCredits sets how many events the client grants to the server after authentication, and again
// whenever half of them are spent. A server that has no credits left drops events; the client
// reports this with a [Gap]. From 1 to 1<<31-1. Default: 1,000,000.
func WithCredits(events int) Option {
	return func(c *config) { c.credits = events }
}

// WithConnectTimeout bounds each attempt to connect: the token source, the dial, the upgrade and
// the authentication together. More than 0, at most 24 h. Default: 30 s.
func WithConnectTimeout(d time.Duration) Option {
	return func(c *config) { c.connectTimeout = d }
}

// WithCallTimeout bounds each call whose ctx has no deadline, its wait for a session and its
// repetitions included. The error matches [ErrCallTimeout] and [context.DeadlineExceeded], and is
// an [*OutcomeUnknownError] by the same rules as for a deadline of ctx. [RetryMayHelp] is true if
// the call is safe to repeat.
//
// The option concerns the methods of the protocol, [Client.Call], [Client.Subscribe] and
// [Client.Unsubscribe]. It does not concern methods that block until something has ended, such as
// [Client.StartWorkflow], [Client.AwaitJob], [Client.AwaitWorkflow], [Client.Watch],
// [Subscription.Next], [Client.Ready] and [Client.EnqueueMany]. At most 24 h. Default, and 0: no
// timeout.
func WithCallTimeout(d time.Duration) Option {
	return func(c *config) { c.callTimeout = d }
}

// WithWriteTimeout bounds each write of at most 32 KiB. A write that takes longer ends the session.
// With the default, this happens to a peer that reads less than about 2 KiB a second. More than 0,
// at most 24 h. Default: 15 s.
func WithWriteTimeout(d time.Duration) Option {
	return func(c *config) { c.writeTimeout = d }
}

// WithKeepAlive sets after which time without a sign of life the client pings the server, and after
// which it ends the session with [ErrPingTimeout]. Both are more than 0 and at most 24 h, and ping
// is less than silence. Default: 15 s and 45 s.
//
// The server is pinged when nothing has been received for the first duration, and also when a
// request has waited for that long and no other request was answered meanwhile, even if events
// arrive. The session ends when nothing has been received for the second duration, or when neither
// a reply nor a part of one has been received for that long after the ping was written. A lane that
// waits for its call is exempt.
func WithKeepAlive(ping, silence time.Duration) Option {
	return func(c *config) { c.pingAfter, c.deadAfter = ping, silence }
}
