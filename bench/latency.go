package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/rounds"
	"github.com/xraph/dispatch/bench/internal/work"
)

const (
	firehoseRate = 50000   // events per second, beside calls
	smallRate    = 1000    // calls per second, beside large ones
	largeSize    = 1 << 20 // bytes of a large call's payload
)

// latency prints how long calls take under load: in an open loop at half of what the raw socket or
// this repository's client reaches in a closed one, whichever is less, and beside other work on the
// same connection.
func latency(ctx context.Context, args []string) error {
	var s settings
	if err := s.parse(flag.NewFlagSet("latency", flag.ContinueOnError), args); err != nil {
		return err
	}
	peaks, err := s.runner.Measure(ctx, rounds.Enter(s.runner.Server, s.calls("json", 64), contestant.Raw, contestant.Dispatch))
	if err != nil {
		return err
	}
	peak := func(name string) float64 { return rounds.NewSpread(peaks.Figures(name, rounds.Throughput)).Median }
	open := s.calls("json", 64)
	open.Kind, open.Subscriptions = work.Open, 1
	open.Rate = min(peak(contestant.Raw), peak(contestant.Dispatch)) / 2

	flooded := open
	flooded.EventRate = firehoseRate
	beside := rounds.Entrant{Name: "dispatch, beside a firehose", Contestant: contestant.Dispatch, Binary: s.runner.Server, Work: flooded}
	t, err := s.runner.Measure(ctx, append(rounds.Enter(s.runner.Server, open, contestant.Raw, contestant.Dispatch), beside))
	if err != nil {
		return err
	}
	fmt.Printf("### 64 callers, open loop, %.0f calls/s; the firehose has %d events/s\n\n", open.Rate, firehoseRate)
	fmt.Println(t.Markdown(
		rounds.Median("p50 µs", rounds.P50), rounds.Median("p99 µs", rounds.P99),
		rounds.Of("p50 ÷ raw socket", contestant.Raw, rounds.P50), rounds.Of("p99 ÷ raw socket", contestant.Raw, rounds.P99),
		rounds.Of("p99 ÷ dispatch alone", contestant.Dispatch, rounds.P99),
	))

	small := open
	small.Rate = smallRate
	crowded := small
	crowded.LargeSize = largeSize
	entrants := rounds.Enter(s.runner.Server, small, contestant.Raw, contestant.Dispatch)
	for _, name := range []string{contestant.Dispatch, contestant.Naive, contestant.Coder} {
		entrants = append(entrants, rounds.Entrant{Name: name + ", beside large calls", Contestant: name, Binary: s.runner.Server, Work: crowded})
	}
	if t, err = s.runner.Measure(ctx, entrants); err != nil {
		return err
	}
	fmt.Printf("### Small calls, open loop, %d calls/s, beside at most 20 calls/s of %d bytes\n\n", smallRate, largeSize)
	fmt.Println(t.Markdown(
		rounds.Median("p50 µs", rounds.P50), rounds.Median("p99 µs", rounds.P99), rounds.Median("large calls/s", rounds.Large),
		rounds.Of("p99 ÷ dispatch alone", contestant.Dispatch, rounds.P99),
	))
	return nil
}
