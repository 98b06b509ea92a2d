package main

import (
	"context"
	"errors"
	"flag"
	"strings"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/rounds"
	"github.com/xraph/dispatch/bench/internal/work"
)

// compare prints what this build's client costs beside that of another build of this command, in
// the same rounds.
func compare(ctx context.Context, args []string) error {
	var s settings
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	base := flags.String("base", "", "the other build of this command")
	if err := s.parse(flags, args); err != nil {
		return err
	}
	if *base == "" {
		return errors.New("compare needs -base")
	}
	const envelope = ", envelope"
	all := s.comparisons()
	for _, c := range all {
		if c.work.Kind == work.Events {
			all = append(all, comparison{c.title + envelope, c.work})
		}
	}
	enter := func(c comparison) []rounds.Entrant {
		name := contestant.Dispatch
		if strings.HasSuffix(c.title, envelope) {
			name = contestant.Envelope
		}
		return []rounds.Entrant{
			{Name: "base", Contestant: name, Binary: *base, Work: c.work},
			{Name: "change", Contestant: name, Binary: s.runner.Server, Work: c.work},
		}
	}
	return s.tables(ctx, all, enter, "base")
}
