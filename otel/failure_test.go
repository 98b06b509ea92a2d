package dispatchotel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	dispatchotel "github.com/xraph/dispatch/otel"
)

func TestErrorsHaveATypeOfFewValues(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"error.type=409 rpc.response.status_code=409": fmt.Errorf("x: %w", &client.Error{Code: client.CodeConflict}),
		"error.type=outcome_unknown":                  &client.OutcomeUnknownError{Err: context.DeadlineExceeded},
		"error.type=timeout":                          errors.Join(client.ErrNotConnected, context.DeadlineExceeded),
		"error.type=canceled":                         context.Canceled,
		"error.type=draining":                         client.ErrDraining,
		"error.type=closed":                           client.ErrClosed,
		"error.type=not_connected":                    client.ErrNotConnected,
		"error.type=too_many_calls":                   client.ErrTooManyCalls,
		"error.type=too_many_subscriptions":           client.ErrTooManySubscriptions,
		"error.type=too_large":                        fmt.Errorf("x: %w", client.ErrTooLarge),
		"error.type=_OTHER":                           errors.New("anything else"),
	} {
		r, i := record(t)
		call := i.WrapCall(func(context.Context, client.Call) (client.Reply, error) { return client.Reply{Attempts: 2}, err })
		if _, got := call(t.Context(), client.Call{Method: client.MethodStats, Follows: true}); !errors.Is(got, err) {
			t.Errorf("%v became %v", err, got)
		}
		all := []string{"stats client Error " + server + " rpc.method=stats dispatch.follows=true dispatch.attempts=2 " + want}
		if diff := cmp.Diff(all, r.lines()); diff != "" {
			t.Errorf("%v: -want +got\n%s", err, diff)
		}
	}
}

func TestUnknownMethodsAreReportedTogether(t *testing.T) {
	t.Parallel()
	r, i := record(t, dispatchotel.WithMethods("own.known"))
	call := i.WrapCall(func(context.Context, client.Call) (client.Reply, error) { return client.Reply{}, nil })
	for _, method := range []string{"own.known", "own.other"} {
		if _, err := call(t.Context(), client.Call{Method: method}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"own.known client Unset " + server + " rpc.method=own.known",
		"dispatch client Unset " + server + " rpc.method=_OTHER rpc.method_original=own.other",
	}
	if diff := cmp.Diff(want, r.lines()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPanicEndsTheSpanAndGoesOn(t *testing.T) {
	t.Parallel()
	r, i := record(t)
	call := i.WrapCall(func(context.Context, client.Call) (client.Reply, error) { panic("secret") })
	func() {
		defer func() {
			if p := recover(); p != "secret" {
				t.Errorf("the panic is %v", p)
			}
		}()
		_, _ = call(t.Context(), client.Call{Method: client.MethodStats})
	}()
	want := []string{"stats client Error " + server + " rpc.method=stats error.type=_OTHER"}
	if diff := cmp.Diff(want, r.lines()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestURLsThatNameNoServerAreRefusedAndNotQuoted(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "secret", "wss://", "wss://secret:port/dwp", "wss://%zz-secret"} {
		_, err := dispatchotel.NewInterceptor(url)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
