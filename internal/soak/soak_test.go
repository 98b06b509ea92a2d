package main

import (
	"testing"
	"time"

	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

// TestSoakForAMoment is the smoke of what `make soak` does for longer.
func TestSoakForAMoment(t *testing.T) {
	cfg := config{length: 3 * time.Second, events: 5_000, callers: 2, between: 300 * time.Millisecond, out: t.Output()}
	if err := run(t.Context(), cfg); err != nil {
		t.Error(err)
	}
}
