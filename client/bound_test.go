package client_test

import (
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

// bounded is a numeric option and the largest value that it takes.
type bounded struct {
	name string
	most int64
	text string // the bound as errors write it
	set  func(n int64) client.Option
}

var boundedOptions = []bounded{
	{"WithLanes", 1024, "1024", func(n int64) client.Option { return client.WithLanes(int(n)) }},
	{"WithCredits", math.MaxInt32, "2147483647", func(n int64) client.Option { return client.WithCredits(int(n)) }},
	{"WithLimits: MessageBytes", 1 << 30, "1073741824", func(n int64) client.Option { return client.WithLimits(client.Limits{MessageBytes: int(n)}) }},
	{"WithLimits: Depth", 512, "512", func(n int64) client.Option { return client.WithLimits(client.Limits{Depth: int(n)}) }},
	{"WithLimits: WaitingCalls", 1 << 20, "1048576", func(n int64) client.Option { return client.WithLimits(client.Limits{WaitingCalls: int(n)}) }},
	{"WithLimits: InFlightCalls", 1 << 20, "1048576", func(n int64) client.Option { return client.WithLimits(client.Limits{InFlightCalls: int(n)}) }},
	{"WithLimits: PendingBytes", math.MaxInt32, "2147483647", func(n int64) client.Option { return client.WithLimits(client.Limits{PendingBytes: int(n)}) }},
	{"WithLimits: Subscriptions", 1 << 20, "1048576", func(n int64) client.Option { return client.WithLimits(client.Limits{Subscriptions: int(n)}) }},
	{"WithConnectTimeout", int64(24 * time.Hour), "24h0m0s", func(n int64) client.Option { return client.WithConnectTimeout(time.Duration(n)) }},
	{"WithCallTimeout", int64(24 * time.Hour), "24h0m0s", func(n int64) client.Option { return client.WithCallTimeout(time.Duration(n)) }},
	{"WithWriteTimeout", int64(24 * time.Hour), "24h0m0s", func(n int64) client.Option { return client.WithWriteTimeout(time.Duration(n)) }},
	{"WithKeepAlive", int64(24 * time.Hour), "24h0m0s", func(n int64) client.Option { return client.WithKeepAlive(time.Second, time.Duration(n)) }},
}

// It is not parallel, because what other tests allocate would count.
func TestNumericOptionsHaveUpperBoundsThatErrorsName(t *testing.T) {
	for _, opt := range boundedOptions {
		t.Run(opt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, n := range []int64{opt.most + 1, math.MaxInt64} {
					_, err := newPeer(t).tryDial(t.Context(), opt.set(n))
					if err == nil || !strings.Contains(err.Error(), opt.name) || !strings.Contains(err.Error(), opt.text) {
						t.Errorf("%d: %v", n, err)
					}
				}
				before := allocated()
				c := newPeer(t).dial(opt.set(opt.most))
				if spent := allocated() - before; spent > 4<<20 {
					t.Errorf("dialling with %d allocates %d bytes", opt.most, spent)
				}
				if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// It is not parallel, because what other tests allocate would count.
func TestBuffersHaveUpperBoundsThatErrorsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newPeer(t).dial()
		for _, test := range []struct{ events, bytes, bound int }{
			{0, 1, 1}, {1, 0, 1}, {1<<24 + 1, 1, 1 << 24}, {1, 1<<30 + 1, 1 << 30}, {math.MaxInt, math.MaxInt, 1 << 24},
		} {
			_, err := c.Subscribe(t.Context(), "jobs", client.WithBuffer(test.events, test.bytes))
			if err == nil || !strings.Contains(err.Error(), "WithBuffer") || !strings.Contains(err.Error(), strconv.Itoa(test.bound)) {
				t.Errorf("%d events, %d bytes: %v", test.events, test.bytes, err)
			}
		}
		before := allocated()
		subscribe(t, c, "jobs", client.WithBuffer(1<<24, 1<<30))
		if spent := allocated() - before; spent > 4<<20 {
			t.Errorf("a subscription with the largest buffer allocates %d bytes", spent)
		}
	})
}

// allocated is how many bytes the program has allocated so far.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
