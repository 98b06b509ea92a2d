package client

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// endpoint is a URL at which the server can be reached, and how the attempts to open the main
// session there went. One goroutine at a time uses the latter: that of DialContext, and then the
// supervisor.
type endpoint struct {
	url  *url.URL
	name string // the URL without the parts that may be secret

	attempt        int       // the number of the latest attempt to reconnect; 0 for none
	due            time.Time // when the next attempt may begin; zero if there was no attempt
	err            error     // why the latest attempt or session failed
	over           bool      // no further attempt is made
	refusals       int       // of the credentials, in a row
	protocolCloses int       // in a row

	attempts, sessions atomic.Uint64 // counted for Counters, with those of lanes
}

// addEndpoints parses the URLs of the server. A URL that is given twice counts once.
func (c *config) addEndpoints(first string) (errs []error) {
	known := make(map[string]bool)
	for i, raw := range append([]string{first}, c.otherURLs...) {
		u, err := parseURL(raw)
		switch {
		case err != nil && i == 0:
			errs = append(errs, err)
		case err != nil:
			errs = append(errs, fmt.Errorf("dispatch: WithEndpoints: URL %d: %s", i, strip(err)))
		case !known[u.String()]:
			known[u.String()] = true
			c.endpoints = append(c.endpoints, &endpoint{url: u, name: redactedURL(u)})
		}
	}
	if c.shuffled {
		rand.Shuffle(len(c.endpoints), func(i, j int) {
			c.endpoints[i], c.endpoints[j] = c.endpoints[j], c.endpoints[i]
		})
	}
	return errs
}

// maxProtocolCloses is how many protocol closes in a row, without a ready session in between, end
// the attempts at an endpoint.
const maxProtocolCloses = 3

// failed records why an attempt or a session failed, and when the next attempt may begin, if any.
func (e *endpoint) failed(cfg *config, err error) {
	e.err = err
	e.refusals = streak(e.refusals, isRefusal(err))
	e.protocolCloses = streak(e.protocolCloses, isProtocolClose(err))
	if e.refusals > cfg.tokenRetries || e.protocolCloses >= maxProtocolCloses || errors.Is(err, ErrProtocolMismatch) {
		e.over = true
		return
	}
	e.schedule(cfg, askedDelay(err))
}

// schedule sets when the next attempt may begin: after the back-off, and not before a delay that
// was asked for.
func (e *endpoint) schedule(cfg *config, asked time.Duration) {
	delay, ok := cfg.backoff(e.attempt + 1)
	if !ok {
		e.over = true
		if e.err != nil {
			e.err = fmt.Errorf("%w (gave up after %d attempts)", e.err, e.attempt)
		}
		return
	}
	e.due = time.Now().Add(max(delay, asked, 0))
}

// streak returns how often in a row something has happened.
func streak(before int, again bool) int {
	if !again {
		return 0
	}
	return before + 1
}

// isProtocolClose reports whether a server closed the connection because of what the client sent.
func isProtocolClose(err error) bool {
	closed, ok := errors.AsType[*CloseError](err)
	if !ok {
		return false
	}
	switch ws.StatusCode(closed.Code) {
	case ws.StatusProtocolError, ws.StatusUnsupportedData, ws.StatusInvalidFramePayloadData:
		return true
	default: // the cause may be the server's
		return false
	}
}

// askedDelay returns the delay that a server requested with Retry-After.
func askedDelay(err error) time.Duration {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.RetryAfter
	}
	return 0
}
