package main

import (
	"context"
	"errors"
	"flag"

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
	enter := func(w work.Work) []rounds.Entrant {
		decoded := []rounds.Entrant{
			{Name: "base", Contestant: contestant.Dispatch, Binary: *base, Work: w},
			{Name: "change", Contestant: contestant.Dispatch, Binary: s.runner.Server, Work: w},
		}
		if w.Kind != work.Events {
			return decoded
		}
		return append(decoded,
			rounds.Entrant{Name: "base (envelope)", Contestant: contestant.Envelope, Binary: *base, Work: w},
			rounds.Entrant{Name: "change (envelope)", Contestant: contestant.Envelope, Binary: s.runner.Server, Work: w})
	}
	return s.tables(ctx, enter, "base")
}
