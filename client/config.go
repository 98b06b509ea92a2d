package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// config holds the values of the options. It is read-only once it is validated, except
// for asks, opens and what endpoints count, which are safe for concurrent use.
type config struct {
	endpoints []*endpoint // the one of the URL first, unless they are shuffled

	asks  detached[Token]    // calls of the token source
	opens detached[*session] // calls of the dial function and of its connections' methods

	token        string
	tokenSource  func(context.Context) (Token, error)
	tokenOption  string // the option that has set the source; empty for none
	tokenRetries int    // how often in a row the source is asked again after a refusal
	retriesSet   bool
	formatName   string
	format       wire.Format
	logger       *slog.Logger
	reconnect    bool
	retryDial    bool
	backoff      func(attempt int) (time.Duration, bool)
	otherURLs    []string
	shuffled     bool
	tls          *tls.Config
	header       http.Header
	dial         func(ctx context.Context, network, addr string) (net.Conn, error)
	dialSet      bool
	proxy        func(*http.Request) (*url.URL, error)
	proxySet     bool
	failFast     bool
	lanes        int
	credits      int

	tap *tapQueue // nil without a tap

	interceptors []Interceptor
	calls        CallFunc      // the interceptors around makeCall; nil without any
	subscribes   SubscribeFunc // and around makeSubscription

	limits         Limits
	connectTimeout time.Duration
	callTimeout    time.Duration // 0 for none
	writeTimeout   time.Duration
	pingAfter      time.Duration
	deadAfter      time.Duration
}

func defaults() *config {
	return &config{
		asks:           detached[Token]{max: 1, discard: func(Token) {}},
		opens:          detached[*session]{max: 8, discard: closeSession},
		formatName:     string(wire.FormatJSON),
		reconnect:      true,
		backoff:        fullJitter,
		dial:           new(net.Dialer).DialContext,
		proxy:          http.ProxyFromEnvironment,
		tokenRetries:   1,
		lanes:          4,
		credits:        1_000_000,
		limits:         Limits{}.withDefaults(),
		connectTimeout: 30 * time.Second,
		writeTimeout:   15 * time.Second,
		pingAfter:      15 * time.Second,
		deadAfter:      45 * time.Second,
	}
}

// configure applies the options to the defaults and validates the result. Its error joins
// everything that is invalid.
func configure(rawURL string, opts []Option) (*config, error) {
	c := defaults()
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("dispatch: "+format, args...))
	}
	for i, opt := range opts {
		if opt == nil {
			bad("option %d is nil", i+1)
			continue
		}
		opt(c)
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	errs = append(errs, c.addEndpoints(rawURL)...)
	var err error
	if c.format, err = wire.ParseFormat(c.formatName); err != nil {
		bad("WithFormat: unknown format %q: use \"json\" or \"msgpack\"", c.formatName)
	}
	if err := c.checkTokens(); err != nil {
		errs = append(errs, err)
	}
	if c.backoff == nil {
		bad("WithBackoff: the function is nil")
	}
	if c.dial == nil {
		bad("WithDialContext: the function is nil")
	}
	if c.dialSet && c.proxySet && c.proxy != nil {
		bad("WithProxy and WithDialContext exclude each other")
	}
	if c.dialSet {
		c.proxy = nil
	}
	if err := checkHeader(c.header); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, c.checkBounds()...)
	if err := c.intercept(); err != nil {
		errs = append(errs, err)
	}
	return c, errors.Join(errs...)
}

// checkTokens validates the options of tokens. A fixed token is not tried again.
func (c *config) checkTokens() error {
	switch {
	case c.tokenOption != "" && c.tokenSource == nil:
		return fmt.Errorf("dispatch: %s: the source is nil", c.tokenOption)
	case c.tokenOption != "" && c.token != "":
		return fmt.Errorf("dispatch: WithToken and %s exclude each other", c.tokenOption)
	case c.tokenOption == "" && c.retriesSet:
		return errors.New("dispatch: WithTokenRetries: there is no token source")
	case c.tokenOption == "":
		c.tokenRetries = 0
	}
	return nil
}

func checkHeader(h http.Header) error {
	for name, values := range h {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }):
			return fmt.Errorf("dispatch: WithHeader: bad name %q", name)
		case canonical == "Upgrade" || canonical == "Connection" || canonical == "Host" || strings.HasPrefix(canonical, "Sec-Websocket-"):
			return fmt.Errorf("dispatch: WithHeader: %s is set by the upgrade", canonical)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				return fmt.Errorf("dispatch: WithHeader: bad value of %s", canonical)
			}
		}
	}
	return nil
}
