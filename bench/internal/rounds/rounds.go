package rounds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/work"
)

// Entrant is a contestant, as one binary has it, with its work.
type Entrant struct {
	Name       string // in tables
	Contestant string
	Binary     string
	Work       work.Work
}

// Enter enters contestants of one binary for some work under their own names.
func Enter(binary string, w work.Work, contestants ...string) []Entrant {
	var all []Entrant
	for _, name := range contestants {
		all = append(all, Entrant{name, name, binary, w})
	}
	return all
}

// Runner runs rounds.
type Runner struct {
	Server string    // the binary that serves
	Rounds int       // at least 1
	Log    io.Writer // of progress
}

// Table is what the entrants did in each round.
type Table struct {
	Names []string         // of those that can do the work
	Runs  map[string][]Run // by name, in the order of the rounds
}

// Measure has each entrant do its work once in each round, in every other round in reverse order.
// Those that cannot do it are left out.
func (r *Runner) Measure(ctx context.Context, entrants []Entrant) (*Table, error) {
	t := &Table{Runs: map[string][]Run{}}
	entrants = slices.Clone(entrants)
	for round := range r.Rounds {
		order := slices.Clone(entrants)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, e := range order {
			run, err := one(ctx, r.Server, e)
			if errors.Is(err, contestant.ErrUnsupported) {
				entrants = slices.DeleteFunc(entrants, func(x Entrant) bool { return x == e })
				continue
			}
			if err != nil {
				return nil, err
			}
			t.Runs[e.Name] = append(t.Runs[e.Name], run)
		}
		fmt.Fprint(r.Log, ".")
	}
	for _, e := range entrants {
		t.Names = append(t.Names, e.Name)
	}
	return t, nil
}

// Figures returns a figure of each of an entrant's runs.
func (t *Table) Figures(name string, of func(Run) float64) []float64 {
	var all []float64
	for _, run := range t.Runs[name] {
		all = append(all, of(run))
	}
	return all
}

// Ratios divides an entrant's figure by another's of the same round; it is empty if one of them did
// not do the work.
func (t *Table) Ratios(name, base string, of func(Run) float64) []float64 {
	all, divisors := t.Figures(name, of), t.Figures(base, of)
	if len(all) != len(divisors) {
		return nil
	}
	for i := range all {
		all[i] /= divisors[i]
	}
	return all
}

// The figures of a run that tables are made of.
var (
	CPU        = func(r Run) float64 { return r.CPU }
	Throughput = Run.Rate
	Allocs     = func(r Run) float64 { return r.Allocs }
	Bytes      = func(r Run) float64 { return r.Bytes }
	P50        = func(r Run) float64 { return r.P50 }
	P99        = func(r Run) float64 { return r.P99 }
	Large      = func(r Run) float64 { return float64(r.Large) * r.Rate() / float64(r.Total) }
	BusyPart   = func(r Run) float64 { return r.Busy() * 100 }
)
