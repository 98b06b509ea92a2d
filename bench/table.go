package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/rounds"
	"github.com/xraph/dispatch/bench/internal/work"
)

// settings are the flags of every comparison.
type settings struct {
	runner   rounds.Runner
	duration time.Duration
	events   int
}

// warm is how long calls are made before they are measured.
const warm = 100 * time.Millisecond

// parse reads the flags, with those that the caller has added to the set.
func (s *settings) parse(flags *flag.FlagSet, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.runner.Server, s.runner.Log = self, os.Stderr
	flags.IntVar(&s.runner.Rounds, "rounds", 8, "how often each client does each work")
	flags.DurationVar(&s.duration, "duration", 300*time.Millisecond, "how long calls are made")
	flags.IntVar(&s.events, "events", 60000, "how many events are taken")
	dir := flags.String("profiles", "", "the directory to which clients write CPU profiles, those of the last round remaining")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir != "" {
		if err := os.Setenv(profiles, *dir); err != nil {
			return err
		}
	}
	if s.runner.Rounds < 1 || flags.NArg() > 0 {
		return fmt.Errorf("%d rounds of %q", s.runner.Rounds, flags.Args())
	}
	return nil
}

const size = 256 // bytes of a payload, where nothing else is said

func (s *settings) calls(format string, callers int) work.Work {
	return work.Work{Kind: work.Calls, Format: format, Callers: callers, Size: size, Warm: warm, Duration: s.duration}
}

func (s *settings) eventsOf(format string) work.Work {
	return work.Work{Kind: work.Events, Format: format, Size: 128, Subscriptions: 1, Events: s.events}
}

// everyone is the order of contestants in tables.
var everyone = []string{
	contestant.Raw, contestant.Dispatch, contestant.Envelope, contestant.Naive, contestant.Coder, contestant.NATS, contestant.GRPC,
}

// table prints calls and events of every contestant.
func table(ctx context.Context, args []string) error {
	var s settings
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	only := flags.String("only", "", "contestants, separated by commas (default: all)")
	if err := s.parse(flags, args); err != nil {
		return err
	}
	names := everyone
	if *only != "" {
		names = strings.Split(*only, ",")
	}
	enter := func(c comparison) []rounds.Entrant { return rounds.Enter(s.runner.Server, c.work, names...) }
	return s.tables(ctx, s.comparisons(), enter, contestant.Naive, contestant.Raw)
}

// comparison is the work of one table.
type comparison struct {
	title string
	work  work.Work
}

func (s *settings) comparisons() []comparison {
	return []comparison{
		{"Calls, 64 callers, JSON", s.calls("json", 64)},
		{"Calls, 64 callers, msgpack", s.calls("msgpack", 64)},
		{"Calls, 1 caller, JSON", s.calls("json", 1)},
		{"Calls, 1 caller, msgpack", s.calls("msgpack", 1)},
		{"Events, JSON", s.eventsOf("json")},
		{"Events, msgpack", s.eventsOf("msgpack")},
	}
}

// tables prints a table of those who enter for each comparison, with the ratios to each of the
// bases.
func (s *settings) tables(ctx context.Context, all []comparison, enter func(comparison) []rounds.Entrant, bases ...string) error {
	fmt.Printf("Medians of %d rounds; ratios within a round, with their quartiles.\n", s.runner.Rounds)
	for _, one := range all {
		t, err := s.runner.Measure(ctx, enter(one))
		if err != nil {
			return err
		}
		columns := []rounds.Column{rounds.Median("ops/s", rounds.Throughput), rounds.Median("CPU µs/op", rounds.CPU)}
		for _, base := range bases {
			columns = append(columns, rounds.Of("CPU ÷ "+base, base, rounds.CPU))
		}
		columns = append(columns, rounds.Of("ops/s ÷ "+bases[0], bases[0], rounds.Throughput),
			rounds.Median("allocs/op", rounds.Allocs), rounds.Median("B/op", rounds.Bytes))
		if one.work.Kind == work.Calls {
			columns = append(columns, rounds.Median("p50 µs", rounds.P50), rounds.Median("p99 µs", rounds.P99))
		}
		columns = append(columns, rounds.Median("server busy %", rounds.BusyPart))
		fmt.Printf("\n### %s\n\n%s", one.title, t.Markdown(columns...))
	}
	return nil
}
