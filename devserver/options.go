package devserver

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// DefaultToken is the token that a server without [WithToken] accepts, with every scope, for the
// application app-1 of the organization org-1. It is public, so a server that accepts it listens on
// loopback only.
const DefaultToken = "dk_live_abc123"

// defaultQueue is the queue of a job that does not name one.
const defaultQueue = "default"

// An Option changes how a server behaves. Options are for [New]; the last of several equal ones
// counts unless an option says otherwise.
type Option func(*config)

// config is the result of the options.
type config struct {
	tokens        map[string]Identity
	credits       int64
	enforced      bool
	sendQueue     int
	workers       int
	maxRetries    int
	backoff       func(attempt int) time.Duration
	jobTimeout    time.Duration
	retention     int
	queues        map[string]bool // those that workers poll, nil for all
	stale         time.Duration   // 0 for never
	cancelRunning bool            // whether a cancellation takes effect on a running job
	strict        bool
	origins       map[string]bool // the allowed ones, in canonical form
	hooks         []*hook
	log           *slog.Logger
	err           error // of the options; for Listen and Serve
}

func newConfig(opts []Option) config {
	c := config{
		tokens:     map[string]Identity{},
		origins:    map[string]bool{},
		credits:    1000,
		enforced:   true,
		sendQueue:  256,
		workers:    10,
		maxRetries: 3,
		backoff:    func(attempt int) time.Duration { return time.Second << min(attempt-1, 6) },
		jobTimeout: 5 * time.Minute,
		queues:     map[string]bool{defaultQueue: true},
		stale:      40 * time.Second,
		log:        slog.New(slog.DiscardHandler),
	}
	for _, o := range opts {
		o(&c)
	}
	if len(c.tokens) == 0 {
		c.tokens[DefaultToken] = Identity{AppID: "app-1", OrgID: "org-1", Scopes: []string{"*"}}
	}
	return c
}

// WithToken makes the server accept a token. It may be given several times; the first one replaces
// [DefaultToken].
func WithToken(token string, who Identity) Option {
	return func(c *config) { c.tokens[token] = who }
}

// WithOrigins allows web pages of other origins, such as http://localhost:3000, to use the server;
// "null" is the origin of pages without one, such as files. It may be given several times. An
// invalid origin is an error of [Server.Listen] and [Server.Serve].
//
// By default a browser's request is refused with 403 unless its page came from the host and port
// that the request is for. Other programs send no Origin and are not refused. The server sends no
// CORS headers, so pages can use WebSockets but cannot read answers of the side transports.
func WithOrigins(origins ...string) Option {
	return func(c *config) {
		for _, origin := range origins {
			origin = strings.TrimSuffix(origin, "/")
			if _, err := parseOrigin(origin); err != nil && origin != nullOrigin {
				c.err = fmt.Errorf("devserver: WithOrigins: %w", err)
			}
			c.origins[canonicalOrigin(origin)] = true
		}
	}
}

// WithCredits sets how many events a connection may be sent before it grants credits itself. The
// default is 1000.
func WithCredits(events int) Option {
	return func(c *config) { c.credits = int64(events) }
}

// WithoutCredits makes the server send events regardless of credits. By default it drops an event
// for a connection without credits.
func WithoutCredits() Option {
	return func(c *config) { c.enforced = false }
}

// WithSendQueue sets how many events may wait for one connection. The server drops further ones
// without notice; [Server.Drops] counts them. The default is 256, and 0 is no limit.
func WithSendQueue(events int) Option {
	return func(c *config) { c.sendQueue = events }
}

// WithWorkers sets how many jobs run at the same time. The default is 10; less than 1 counts as 1.
func WithWorkers(n int) Option {
	return func(c *config) { c.workers = max(n, 1) }
}

// WithMaxRetries sets how many times a failed job is tried again. The default is 3; less than 0
// counts as 0.
func WithMaxRetries(n int) Option {
	return func(c *config) { c.maxRetries = max(n, 0) }
}

// WithBackoff sets the delay before the next attempt of a failed job; attempt is how many have
// failed, from 1. It is called on the goroutine of the attempt, and must be safe for concurrent
// use. The default is one second, doubled each time up to 64 seconds.
func WithBackoff(delay func(attempt int) time.Duration) Option {
	return func(c *config) { c.backoff = delay }
}

// WithJobTimeout limits an attempt of a job: its context ends then. The default is five minutes,
// and 0 is no limit.
func WithJobTimeout(d time.Duration) Option {
	return func(c *config) { c.jobTimeout = d }
}

// WithQueues sets which queues workers poll. A job of any other queue stays pending, which is
// logged as a warning. The default is the queue "default" alone, as in production. The last of
// several counts, [WithAllQueues] included.
func WithQueues(names ...string) Option {
	return func(c *config) {
		c.queues = map[string]bool{}
		for _, name := range names {
			c.queues[name] = true
		}
	}
}

// WithAllQueues makes workers poll every queue. The default is the queue "default" alone.
func WithAllQueues() Option {
	return func(c *config) { c.queues = nil }
}

// WithStaleAfter sets how long a job without a handler stays running until it is started again. The
// default is 40 seconds, and 0 is never.
func WithStaleAfter(d time.Duration) Option {
	return func(c *config) { c.stale = d }
}

// WithCancellation makes the cancellation of a running job take effect: its handler's context ends,
// and the job stays cancelled, without an event, whatever the handler returns. By default, as in
// production, the handler does not learn of the cancellation; when it returns, the job becomes
// completed, retrying or failed, with that event.
func WithCancellation() Option {
	return func(c *config) { c.cancelRunning = true }
}

// WithStrict makes the server refuse with code 400 what the schema does not allow: a frame or data
// with a member that is missing, duplicate, empty or of another case, bytes behind a frame, or a
// msgpack timestamp of another kind. It also drops the connection for a message of more than 16
// MiB. By default the server accepts what production servers accept.
func WithStrict() Option {
	return func(c *config) { c.strict = true }
}

// WithRetention limits what the server remembers, for long runs: the jobs and runs that have ended,
// the entries of the journal, the disarmed faults, and the events that no workflow has waited for,
// n of each. It forgets the oldest. The default is 0, no limit.
func WithRetention(n int) Option {
	return func(c *config) { c.retention = n }
}

// WithHook calls f with every message that a connection receives or sends, in order for each
// connection. It may be given several times.
//
// f runs on one goroutine, later than the message. Connections do not wait for it: when 4096
// messages or 32 MiB wait for f, it misses further ones. Missed in the next Traffic says how many;
// if no message follows, f gets a Traffic with only Time and Missed. [Server.Close] waits until f
// has seen the queue, so f must not call it. A panic of f is not recovered.
func WithHook(f func(Traffic)) Option {
	return func(c *config) { c.hooks = append(c.hooks, newHook(f, false)) }
}

// WithBlockingHook is [WithHook] for checks that must not miss a message: connections wait while
// the queue is full. f must not wait for a connection or call [Server.Restart].
func WithBlockingHook(f func(Traffic)) Option {
	return func(c *config) { c.hooks = append(c.hooks, newHook(f, true)) }
}

// WithLogger sets the server's log: a warning for a job that does not run, because its queue is not
// polled or its name has no handler, once for each queue or name; an error for the panic of a
// workflow; and at debug level, how connections end. Tokens are never logged. The default logs
// nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) { c.log = l }
}
