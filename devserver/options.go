package devserver

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// DefaultToken is the token that a server without [WithToken] accepts, with every
// scope, for the application app-1 of the organization org-1. It is public, so a server that accepts it listens
// on loopback only.
const DefaultToken = "dk_live_abc123"

// defaultQueue is the queue of a job that names none.
const defaultQueue = "default"

// An Option of [New] changes how a server behaves.
type Option func(*config)

// config is what the options set.
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
	queues        map[string]bool // that are polled, nil for all
	stale         time.Duration   // 0 for never
	cancelRunning bool            // a running job's handler that the job is cancelled
	strict        bool
	origins       map[string]bool // allowed ones, in canonical form
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

// WithToken lets the server accept a token. It may be given several times; the first
// one replaces [DefaultToken].
func WithToken(token string, who Identity) Option {
	return func(c *config) { c.tokens[token] = who }
}

// WithOrigins lets the pages of other origins use the server, such as http://localhost:3000; "null"
// stands for pages that have none, such as files. By default a request of a browser is refused with 403 unless its page came from
// the host and port that the request is for; programs other than browsers send no Origin, and are not refused.
// No CORS headers are sent, so pages can use WebSockets but read no answers of the side transports. An invalid origin is an error of
// [Server.Listen] and [Server.Serve]. It may be given several times.
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

// WithCredits sets how many events a connection may be sent before it grants
// credits of its own. The default is 1000.
func WithCredits(events int) Option {
	return func(c *config) { c.credits = int64(events) }
}

// WithoutCredits sends events whatever a connection's credits are.
func WithoutCredits() Option {
	return func(c *config) { c.enforced = false }
}

// WithSendQueue sets how many events may wait for one connection; beyond that
// they are dropped without a word. The default is 256, and 0 is no limit.
func WithSendQueue(events int) Option {
	return func(c *config) { c.sendQueue = events }
}

// WithWorkers sets how many jobs run at the same time. The default is 10.
func WithWorkers(n int) Option {
	return func(c *config) { c.workers = max(n, 1) }
}

// WithMaxRetries sets how often a failed job is tried again. The default is 3.
func WithMaxRetries(n int) Option {
	return func(c *config) { c.maxRetries = max(n, 0) }
}

// WithBackoff sets the delay before a failed job's next attempt; attempt is how
// many have failed, from 1. The default is one second, doubling to 64.
func WithBackoff(delay func(attempt int) time.Duration) Option {
	return func(c *config) { c.backoff = delay }
}

// WithJobTimeout bounds an attempt of a job: its context ends then. The default is
// five minutes, and 0 is no limit.
func WithJobTimeout(d time.Duration) Option {
	return func(c *config) { c.jobTimeout = d }
}

// WithQueues sets which queues workers poll. The default is the queue default alone, as in production: a job of any other
// queue stays pending, which is logged as a warning. The last of several counts, [WithAllQueues] among them.
func WithQueues(names ...string) Option {
	return func(c *config) {
		c.queues = map[string]bool{}
		for _, name := range names {
			c.queues[name] = true
		}
	}
}

// WithAllQueues has workers poll every queue. The default is the queue default alone.
func WithAllQueues() Option {
	return func(c *config) { c.queues = nil }
}

// WithStaleAfter sets how long a job stays started that nobody handles, until it is started anew, and again after as long.
// The default is 40 seconds, and 0 is never.
func WithStaleAfter(d time.Duration) Option {
	return func(c *config) { c.stale = d }
}

// WithCancellation has the cancellation of a running job take effect: its handler's context ends, and the job stays
// cancelled without an event, whatever the handler returns. By default, as in production, the handler is not told, and
// when it returns, the job becomes completed, retrying or failed with its event, although it was read as cancelled.
func WithCancellation() Option {
	return func(c *config) { c.cancelRunning = true }
}

// WithStrict has the server answer with code 400 what the schema does not allow: a frame or data with a member missing,
// twice, empty or of another case, bytes behind a frame, a msgpack timestamp of another kind; and drop the connection for a
// message of more than 16 MiB. By default it takes what production servers take.
func WithStrict() Option {
	return func(c *config) { c.strict = true }
}

// WithRetention bounds what the server remembers, for long runs: so many jobs and runs that have
// ended, so many entries of the journal, and so many events that no workflow has waited for; the oldest are forgotten. The
// default is 0, no limit.
func WithRetention(n int) Option {
	return func(c *config) { c.retention = n }
}

// WithHook has f see every message that a connection receives or sends, in order for each connection; see [Traffic]. f runs on
// one goroutine of its own, a little later. No connection waits for it: when 4096 messages wait for f, or 32 MiB of them, it
// misses further ones, and the next Traffic's Missed says how many; if none follows, a Traffic with nothing but
// Time and Missed does. [Server.Close] waits until f has seen what was queued, so f does not call it. A panic of f is not recovered. WithHook
// may be given several times.
func WithHook(f func(Traffic)) Option {
	return func(c *config) { c.hooks = append(c.hooks, newHook(f, false)) }
}

// WithBlockingHook is [WithHook] for checks that must not miss a message: while the queue is full, the connections wait for f.
// Therefore f waits neither for a connection nor for [Server.Restart].
func WithBlockingHook(f func(Traffic)) Option {
	return func(c *config) { c.hooks = append(c.hooks, newHook(f, true)) }
}

// WithLogger has the server log: as a warning a job that is not worked, because its queue is not polled or its name has no
// handler, once a queue or name; as an error the panic of a workflow; and at debug level what goes wrong on its side of a
// connection. Tokens are never logged. The default logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) { c.log = l }
}
