// These tests hold what RetryMayHelp and SafeToRetry say about every error of the package.
package client_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// advice is a row of the table in RetryMayHelp's documentation: an error, and what can be done
// about it.
type advice struct {
	name       string
	safe, help bool
	provoke    func(p *peer, format client.Option) error
}

var adviceRows = func() []advice {
	rows := []advice{
		{"no connection, failing fast", true, true, disconnected(enqueue, client.WithFailFast(true))},
		{"no connection for a subscription, failing fast", true, true, disconnected(func(ctx context.Context, c *client.Client) error {
			_, err := c.Subscribe(ctx, "jobs")
			return err
		}, client.WithFailFast(true))},
		{"too many waiting", true, true, disconnected(behind(getJob, enqueue), client.WithLimits(client.Limits{WaitingCalls: 1}))},
		{"too many in flight", true, true, calling(behind(getJob, enqueue), silent, client.WithLimits(client.Limits{InFlightCalls: 1}))},
		{"safe method lost", true, true, calling(getJob, cuts)},
		{"safe method lost to garbage", true, true, calling(getJob, answers(text("garbage")))},
		{"safe method lost to a close frame", true, true, calling(getJob, answers(ws.NewCloseFrame(ws.NewCloseFrameBody(1011, "bye"))))},
		{"safe method lost to code 1008 of a ready session", true, true, calling(getJob, answers(ws.NewCloseFrame(ws.NewCloseFrameBody(1008, "slow down"))))},
		{"safe method lost in silence", true, true, calling(getJob, silent)},
		{"idempotent method lost", true, true, calling(func(ctx context.Context, c *client.Client) error { return c.CancelJob(ctx, "1") }, cuts)},
		{"await lost", true, true, calling(func(ctx context.Context, c *client.Client) error {
			_, err := c.AwaitJob(ctx, "1")
			return err
		}, cuts)},
		{"safe method lost to a large answer", true, false, calling(getJob, answers(text(strings.Repeat(" ", 1<<13))), client.WithLimits(client.Limits{MessageBytes: 1024}))},
		{"safe method lost to a deep answer", true, false, calling(getJob, func(c *peerConn, fr *wire.Frame) {
			answers(ws.NewTextFrame(nested(c.format, 20)))(c, fr)
		}, client.WithLimits(client.Limits{Depth: 16}))},
		{"safe method when the client gives up", true, false, calling(getJob, cuts, client.WithReconnect(false))},
		{"unsafe method lost", false, false, calling(enqueue, cuts)},
		{"unsafe method unanswered", false, false, calling(ending(enqueue), silent)},
		{"unsafe method and Close", false, false, calling(during(enqueue, closes), silent)},
		{"safe method unanswered", true, false, calling(ending(getJob), silent)},
		{"await unanswered", true, false, calling(ending(func(ctx context.Context, c *client.Client) error {
			_, err := c.AwaitJob(ctx, "1")
			return err
		}), silent)},
		{"safe method and Close", true, false, calling(during(getJob, closes), silent)},
		{"no connection until ctx ends", true, false, disconnected(ending(enqueue))},
		{"after Close", true, false, calling(after(closes, enqueue), silent)},
		{"during Drain", true, false, calling(func(ctx context.Context, c *client.Client) error {
			return behind(getJob, func(ctx context.Context, c *client.Client) error {
				short, cancel := context.WithCancel(ctx)
				drained := errs(func() error { return c.Drain(short) })
				defer func() { cancel(); <-drained }()
				synctest.Wait()
				return enqueue(ctx, c)
			})(ctx, c)
		}, silent)},
		{"Drain's own", false, false, calling(func(ctx context.Context, c *client.Client) error {
			return behind(getJob, ending(func(ctx context.Context, c *client.Client) error { return c.Drain(ctx) }))(ctx, c)
		}, silent)},
		{"credentials refused later", true, false, admits(2, "401 Unauthorized", func(p *peer, format client.Option) error {
			c := p.dial(format)
			p.conn(1).Cut()
			<-c.Done()
			return enqueue(p.t.Context(), c)
		})},
		{"too large to send", true, false, calling(func(ctx context.Context, c *client.Client) error {
			_, err := c.Enqueue(ctx, "n", strings.Repeat("x", 2000))
			return err
		}, (*peerConn).polite, client.WithLimits(client.Limits{MessageBytes: 1024}))},
		{"too many subscriptions", true, false, calling(func(ctx context.Context, c *client.Client) error {
			c.Subscribe(ctx, "jobs")
			_, err := c.Subscribe(ctx, "workflows")
			return err
		}, (*peerConn).polite, client.WithLimits(client.Limits{Subscriptions: 1}))},
		{"no room for a subscription", true, true, func(p *peer, format client.Option) error {
			c := p.dial(format, client.WithLimits(client.Limits{PendingBytes: 1 << 20, Subscriptions: 1 << 20}), client.WithWriteTimeout(time.Hour))
			synctest.Wait()
			p.conn(1).StallReads()
			short, cancel := context.WithCancel(p.t.Context())
			defer cancel()
			results := make(chan error)
			subscribing := func(i int) {
				_, err := c.Subscribe(short, client.JobChannel(strings.Repeat("x", 100_000)+strconv.Itoa(i)))
				select {
				case results <- err:
				case <-short.Done():
				}
			}
			for i := range 30 {
				go subscribing(i)
				synctest.Wait()
			}
			return <-results
		}},
		{"subscription without a channel", true, false, calling(func(ctx context.Context, c *client.Client) error {
			_, err := c.Subscribe(ctx, "")
			return err
		}, (*peerConn).polite)},
		{"not encodable", true, false, calling(func(ctx context.Context, c *client.Client) error {
			_, err := c.Enqueue(ctx, "n", func() {})
			return err
		}, (*peerConn).polite)},
		{"not encodable for a reason that looks passing", true, false, calling(func(ctx context.Context, c *client.Client) error {
			_, err := c.Enqueue(ctx, "n", broken{client.ErrNotConnected})
			return err
		}, (*peerConn).polite)},
		{"the session's own method", true, false, calling(func(ctx context.Context, c *client.Client) error {
			return c.Call(ctx, "subscribe", nil, nil)
		}, (*peerConn).polite)},
		{"the reply names another run than the key", false, false, mismatches},
		{"a run that goes on", false, false, calling(ending(func(ctx context.Context, c *client.Client) error {
			run, err := c.RunWorkflow(context.Background(), "w", nil)
			if err != nil {
				return err
			}
			_, err = run.Wait(ctx)
			return err
		}), silent)},
		{"safe method garbled", true, false, calling(getJob, garbles)},
		{"unsafe method garbled", false, false, calling(enqueue, garbles)},
		{"the queue of a subscription is full", false, false, calling(func(ctx context.Context, c *client.Client) error {
			sub, err := c.Subscribe(ctx, "jobs", client.WithBuffer(1, 1), client.WithOverflow(client.OverflowFail))
			for err == nil {
				_, err = sub.Next(ctx)
			}
			return err
		}, func(c *peerConn, fr *wire.Frame) { c.numbered(1, 3); c.polite(fr) })},
		{"a second consumer", false, false, calling(func(ctx context.Context, c *client.Client) error {
			sub, err := c.Subscribe(ctx, "jobs")
			if err != nil {
				return err
			}
			next := func(ctx context.Context, _ *client.Client) error { _, err := sub.Next(ctx); return err }
			return behind(next, next)(ctx, c)
		}, (*peerConn).polite)},
		{"dial: nobody there", true, true, dialing(client.WithDialContext(func(context.Context, string, string) (net.Conn, error) { return nil, errTest }))},
		{"dial: 503", true, true, admits(1, "503 Service Unavailable", dialing())},
		{"dial: 429", true, true, admits(1, "429 Too Many Requests", dialing())},
		{"dial: 404", true, false, admits(1, "404 Not Found", dialing())},
		{"dial: 401", true, false, admits(1, "401 Unauthorized", dialing())},
		{"dial: token refused", true, false, func(p *peer, format client.Option) error {
			p.auth = func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 401, "no") }
			return dialing()(p, format)
		}},
		{"dial: closed as unauthorized", true, false, func(p *peer, format client.Option) error {
			p.auth = func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1008, "who are you?"))) }
			return dialing()(p, format)
		}},
		{"dial: another protocol", true, false, func(p *peer, format client.Option) error {
			p.auth = func(c *peerConn, _ *wire.Frame) { c.raw(text("hello")) }
			return dialing()(p, format)
		}},
		{"dial: too slow", true, true, func(p *peer, format client.Option) error {
			p.auth = func(c *peerConn, _ *wire.Frame) { io.Copy(io.Discard, c) }
			return dialing()(p, format)
		}},
		{"dial: no proxy", true, true, func(p *peer, format client.Option) error {
			_, err := client.DialContext(p.t.Context(), "ws://peer.test", format,
				client.WithProxy(func(*http.Request) (*url.URL, error) { return nil, errTest }))
			return err
		}},
		{"Reconnect, unsafe method", false, false, func(p *peer, format client.Option) error {
			p.handle = silent
			c := p.dial(format)
			go func() {
				time.Sleep(time.Second)
				c.Reconnect(p.t.Context())
			}()
			return enqueue(p.t.Context(), c)
		}},
		{"call timeout, safe method", true, true, calling(getJob, silent, client.WithCallTimeout(time.Second))},
		{"call timeout, unsafe method", false, false, calling(enqueue, silent, client.WithCallTimeout(time.Second))},
		{"session renewed, unsafe method", false, false, func(p *peer, format client.Option) error {
			p.handle = silent
			return enqueue(p.t.Context(), p.renewing(lasting(time.Minute).token, format, client.WithKeepAlive(time.Hour, 2*time.Hour)))
		}},
		{"dial: ctx ended", true, false, func(p *peer, format client.Option) error {
			ctx, cancel := context.WithCancel(p.t.Context())
			cancel()
			_, err := p.tryDial(ctx, format)
			return err
		}},
		{"dial: bad option", false, false, dialing(client.WithLanes(0))},
		{"no lane, failing fast: 503", true, true, admits(2, "503 Service Unavailable", calling(startWorkflow, silent, client.WithFailFast(true)))},
		{"no lane: 403", true, false, admits(2, "403 Forbidden", calling(startWorkflow, silent))},
		{"no lane, failing fast: too slow", true, true, func(p *peer, format client.Option) error {
			p.auth = func(c *peerConn, fr *wire.Frame) {
				if c.n > 1 {
					io.Copy(io.Discard, c)
				}
				c.welcome(fr)
			}
			return startWorkflow(p.t.Context(), p.dial(format, client.WithFailFast(true)))
		}},
	}
	rows = append(rows, advice{"flow that failed", false, false, calling(func(ctx context.Context, c *client.Client) error {
		_, err := client.NewFlow[mail, receipt]("n").Wait(ctx, c, "1")
		return err
	}, func(c *peerConn, fr *wire.Frame) {
		c.reply(fr, map[string]string{"id": "1", "name": "n", "state": "failed"})
	})})
	rows = append(rows, advice{"task that failed", false, false, calling(func(ctx context.Context, c *client.Client) error {
		_, err := client.NewTask[mail]("n").Await(ctx, c, "1")
		return err
	}, func(c *peerConn, fr *wire.Frame) {
		c.reply(fr, map[string]string{"id": "1", "name": "n", "state": "failed"})
	})})
	for _, code := range []int{400, 401, 403, 404, 405, 409, 418, 429, 500, 503, 700} {
		definite, passing := code <= 405, code == 429 || code == 500 || code == 503
		rows = append(rows,
			advice{fmt.Sprintf("%d of a safe method", code), true, passing, calling(getJob, refuses(code))},
			advice{fmt.Sprintf("%d of an unsafe method", code), definite, false, calling(enqueue, refuses(code))})
	}
	return rows
}()

// errorKinds are the exported sentinels and types, and how an error is one.
var errorKinds = func() map[string]func(error) bool {
	kinds := map[string]func(error) bool{
		"Error":               as[*client.Error],
		"OutcomeUnknownError": as[*client.OutcomeUnknownError],
		"ReplyError":          as[*client.ReplyError],
		"ProtocolError":       as[*client.ProtocolError],
		"CloseError":          as[*client.CloseError],
		"StatusError":         as[*client.StatusError],
		"LimitError":          as[*client.LimitError],
		"DrainError":          as[*client.DrainError],
		"ProxyError":          as[*client.ProxyError],
		"JobError":            as[*client.JobError],
		"RunError":            as[*client.RunError],
		"RunMismatchError":    as[*client.RunMismatchError],
	}
	for name, sentinel := range map[string]error{
		"ErrClosed": client.ErrClosed, "ErrDraining": client.ErrDraining, "ErrNotConnected": client.ErrNotConnected,
		"ErrOverflow": client.ErrOverflow, "ErrTooManyCalls": client.ErrTooManyCalls, "ErrTooLarge": client.ErrTooLarge,
		"ErrTooDeep": client.ErrTooDeep, "ErrTooManySubscriptions": client.ErrTooManySubscriptions,
		"ErrProtocolMismatch": client.ErrProtocolMismatch, "ErrPingTimeout": client.ErrPingTimeout, "ErrConcurrentNext": client.ErrConcurrentNext,
		"ErrTokenExpiring": client.ErrTokenExpiring, "ErrReconnect": client.ErrReconnect, "ErrCallTimeout": client.ErrCallTimeout,
		"ErrBadRequest": client.ErrBadRequest, "ErrUnauthorized": client.ErrUnauthorized, "ErrForbidden": client.ErrForbidden,
		"ErrNotFound": client.ErrNotFound, "ErrMethodNotFound": client.ErrMethodNotFound, "ErrConflict": client.ErrConflict,
		"ErrInternal": client.ErrInternal,
	} {
		kinds[name] = func(err error) bool { return errors.Is(err, sentinel) }
	}
	return kinds
}()

func as[T error](err error) bool { return errors.As(err, new(T)) }

func TestRetryAdviceForEveryErrorOfThePackage(t *testing.T) {
	t.Parallel()
	provoked := make(map[string]bool)
	for _, row := range adviceRows {
		for _, name := range formats {
			t.Run(row.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					err := row.provoke(newPeer(t), client.WithFormat(name))
					if err == nil {
						t.Fatal("no error")
					}
					if safe, help := client.SafeToRetry(err), client.RetryMayHelp(err); safe != row.safe || help != row.help {
						t.Errorf("safe %v, may help %v; want %v, %v: %v", safe, help, row.safe, row.help, err)
					}
					for kind, is := range errorKinds {
						provoked[kind] = provoked[kind] || is(err)
					}
				})
			})
		}
	}
	for kind := range errorKinds {
		if !provoked[kind] {
			t.Errorf("no row provokes %s", kind)
		}
	}
}

func TestRetryAdviceIsFalseForForeignErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errTest, context.Canceled, net.ErrClosed} {
		if client.SafeToRetry(err) || client.RetryMayHelp(err) {
			t.Errorf("%v is called safe to retry", err)
		}
	}
}

// TestRetryAdviceKnowsEveryExportedError: a new exported error needs an entry that says what its
// callers can do.
func TestRetryAdviceKnowsEveryExportedError(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(exportedErrors(t), slices.Sorted(maps.Keys(errorKinds))); diff != "" {
		t.Errorf("exported errors and the kinds of this test differ: add a row for a new one: %s", diff)
	}
}

// exportedErrors reads the names of the package's sentinels and error types from its source.
func exportedErrors(t *testing.T) (names []string) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			names = append(names, errorsOf(decl)...)
		}
	}
	slices.Sort(names)
	return names
}

// errorsOf returns the exported sentinels that a declaration makes, or the exported type whose
// method Error it is.
func errorsOf(decl ast.Decl) (names []string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Name.Name != "Error" || decl.Recv == nil {
			return nil
		}
		recv := decl.Recv.List[0].Type
		if star, ok := recv.(*ast.StarExpr); ok {
			recv = star.X
		}
		if name, ok := recv.(*ast.Ident); ok && name.IsExported() {
			names = append(names, name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			if values, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range values.Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}
