package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitsThatAreZeroAreTheDefaults(t *testing.T) {
	t.Parallel()
	standard := Limits{
		MessageBytes: 16 << 20, Depth: 512, WaitingCalls: 1024, InFlightCalls: 65_536, PendingBytes: 64 << 20, Subscriptions: 10_000,
	}
	few := standard
	few.Subscriptions = 3
	for name, test := range map[string]struct {
		opts []Option
		want Limits
	}{
		"without the option": {nil, standard},
		"all zero":           {[]Option{WithLimits(Limits{})}, standard},
		"one set":            {[]Option{WithLimits(Limits{Subscriptions: 3})}, few},
		"the last counts":    {[]Option{WithLimits(Limits{Depth: 16, WaitingCalls: 1}), WithLimits(Limits{Subscriptions: 3})}, few},
	} {
		cfg, err := configure("ws://peer.test", test.opts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, cfg.limits); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
