package sim

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// history is what happened in a life, in order: printed if an invariant does not hold. The
// client's log goes in too, as it is, so that secrets in it are found.
type history struct {
	start time.Time

	mu    sync.Mutex
	lines []string
}

// keptLines is how many lines of a history a failure prints, the last ones.
const keptLines = 600

func (h *history) add(who, format string, args ...any) {
	line := fmt.Sprintf("%9.3fs %-10s %s", time.Since(h.start).Seconds(), who, fmt.Sprintf(format, args...))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

// logger returns a logger that writes into the history, debug messages included.
func (h *history) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(logWriter{h}, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

type logWriter struct{ h *history }

func (w logWriter) Write(p []byte) (int, error) {
	w.h.add("log", "%s", strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// mentions returns the first line that holds a text.
func (h *history) mentions(text string) (line string, found bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range h.lines {
		if strings.Contains(line, text) {
			return line, true
		}
	}
	return "", false
}

// renewals returns how often the client has logged that it renewed its session.
func (h *history) renewals() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range h.lines {
		if strings.Contains(line, "dispatch: session renewed") {
			n++
		}
	}
	return n
}

func (h *history) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := h.lines
	var b strings.Builder
	if omitted := len(lines) - keptLines; omitted > 0 {
		fmt.Fprintf(&b, "(%d earlier lines)\n", omitted)
		lines = lines[omitted:]
	}
	for _, line := range lines {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// call is one call of the client, and how it ended.
type call struct {
	who      string
	method   string
	key      string // unique, in the payload of what must not be done twice
	began    time.Time
	deadline time.Time
	ended    time.Time // zero until it has returned
	id       string    // of what was made: a job, a run
	err      error
}

// calls is every call of a life.
type calls struct {
	history *history
	mu      sync.Mutex
	list    []*call
}

// do makes a call and records it. f returns the id of what was made, if anything.
func (c *calls) do(ctx context.Context, who, method, key string, timeout time.Duration, f func(ctx context.Context) (id string, err error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	made := c.begin(who, method, key, timeout)
	id, err := f(ctx)
	c.finish(made, id, err)
	return id, err
}

// begin records a call that is made.
func (c *calls) begin(who, method, key string, timeout time.Duration) *call {
	now := time.Now()
	made := &call{who: who, method: method, key: key, began: now, deadline: now.Add(timeout)}
	c.mu.Lock()
	c.list = append(c.list, made)
	c.mu.Unlock()
	c.history.add(who, "%s %s (%v)", method, key, timeout)
	return made
}

// finish records the result of a call.
func (c *calls) finish(made *call, id string, err error) {
	c.mu.Lock()
	made.ended, made.id, made.err = time.Now(), id, err
	c.mu.Unlock()
	c.history.add(made.who, "%s %s -> %s %v", made.method, made.key, id, err)
}

// forget takes back records of calls whose results were dropped.
func (c *calls) forget(dropped []*call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = slices.DeleteFunc(c.list, func(made *call) bool { return slices.Contains(dropped, made) })
}

func (c *calls) all() []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]call, len(c.list))
	for i, made := range c.list {
		list[i] = *made
	}
	return list
}
