package client

import (
	"fmt"
	"math"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// The upper bounds of options. They are far above what makes sense, and keep a value that is wrong,
// such as one in another unit, from being taken. Nothing is allocated by an option's value.
const (
	mostLanes        = 1024
	mostMessage      = 1 << 30 // bytes
	mostPending      = math.MaxInt32
	mostCalls        = 1 << 20
	mostDuration     = 24 * time.Hour
	mostBufferEvents = 1 << 24
	mostBufferBytes  = 1 << 30
)

// checkBounds returns an error for each option that has a number out of its range.
func (c *config) checkBounds() (errs []error) {
	for _, n := range []struct {
		option          string
		value, min, max int
	}{
		{"WithLanes", c.lanes, 1, mostLanes},
		{"WithCredits", c.credits, 1, math.MaxInt32},
		{"WithTokenRetries", c.tokenRetries, 0, math.MaxInt32},
		{"WithLimits: MessageBytes", c.limits.MessageBytes, 1024, mostMessage},
		{"WithLimits: Depth", c.limits.Depth, 16, wire.MaxDepth},
		{"WithLimits: WaitingCalls", c.limits.WaitingCalls, 1, mostCalls},
		{"WithLimits: InFlightCalls", c.limits.InFlightCalls, 1, mostCalls},
		{"WithLimits: PendingBytes", c.limits.PendingBytes, 1024, mostPending},
		{"WithLimits: Subscriptions", c.limits.Subscriptions, 1, mostCalls},
	} {
		if err := within(n.value, n.min, n.max); err != nil {
			errs = append(errs, fmt.Errorf("dispatch: %s: %w", n.option, err))
		}
	}
	for _, d := range []struct {
		option     string
		value, min time.Duration
	}{
		{"WithConnectTimeout", c.connectTimeout, 1},
		{"WithCallTimeout", c.callTimeout, 0},
		{"WithWriteTimeout", c.writeTimeout, 1},
		{"WithKeepAlive", c.pingAfter, 1},
		{"WithKeepAlive", c.deadAfter, 1},
	} {
		if err := within(d.value, d.min, mostDuration); err != nil {
			errs = append(errs, fmt.Errorf("dispatch: %s: %w", d.option, err))
		}
	}
	if c.pingAfter >= c.deadAfter {
		errs = append(errs, fmt.Errorf("dispatch: WithKeepAlive: the ping after %v would come too late for the end after %v", c.pingAfter, c.deadAfter))
	}
	return errs
}

// checkBuffer returns an error if a bound of a subscription's queue is out of its range.
func checkBuffer(events, bytes int) error {
	if err := within(events, 1, mostBufferEvents); err != nil {
		return fmt.Errorf("WithBuffer: events: %w", err)
	}
	if err := within(bytes, 1, mostBufferBytes); err != nil {
		return fmt.Errorf("WithBuffer: bytes: %w", err)
	}
	return nil
}

func within[N int | time.Duration](n, low, high N) error {
	switch {
	case n < low:
		return fmt.Errorf("%v is less than %v", n, low)
	case n > high:
		return fmt.Errorf("%v is more than %v", n, high)
	}
	return nil
}
