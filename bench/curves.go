package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/curve"
	"github.com/xraph/dispatch/bench/internal/rounds"
	"github.com/xraph/dispatch/bench/internal/work"
)

// series is what a curve shows: the CPU time of an operation over some measure of the work.
type series struct {
	file, title, over string
	points            []int
	work              func(x int) work.Work
	names             []string
}

// curves measures how the cost of an operation grows, writes an SVG for each measure, and prints
// the points.
func curves(ctx context.Context, args []string) error {
	var s settings
	flags := flag.NewFlagSet("curves", flag.ContinueOnError)
	out := flags.String("out", "", "the directory of the plots")
	if err := s.parse(flags, args); err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	for _, one := range s.series() {
		plot := curve.Plot{Title: one.title, X: one.over, Y: "client CPU time per operation, µs", Lines: make([]curve.Line, len(one.names))}
		fmt.Printf("### %s\n\n", one.title)
		for _, x := range one.points {
			t, err := s.runner.Measure(ctx, rounds.Enter(s.runner.Server, one.work(x), one.names...))
			if err != nil {
				return err
			}
			for i, name := range one.names {
				plot.Lines[i].Name = name
				if cpu := t.Figures(name, rounds.CPU); len(cpu) > 0 {
					plot.Lines[i].Points = append(plot.Lines[i].Points, curve.Point{X: float64(x), Y: rounds.NewSpread(cpu)})
				}
			}
		}
		if err := plot.WriteSVG(filepath.Join(*out, one.file)); err != nil {
			return err
		}
		fmt.Println(plot.Markdown())
	}
	return nil
}

func (s *settings) series() []series {
	sizes := []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}
	three := []string{contestant.Raw, contestant.Dispatch, contestant.Naive}
	return []series{
		{
			"callers.svg", "Calls over callers", "callers that share the connection",
			[]int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024},
			func(x int) work.Work { return s.calls("json", x) }, three,
		},
		{
			"subscriptions.svg", "Events over subscriptions", "subscriptions on one connection",
			[]int{1, 3, 10, 30, 100, 300, 1000},
			func(x int) work.Work {
				w := s.eventsOf("json")
				w.Subscriptions, w.Events = x, s.events/x*x
				return w
			}, three,
		},
		{
			"call-size.svg", "Calls over the payload's size (8 callers)", "bytes of payload", sizes,
			func(x int) work.Work {
				w := s.calls("json", 8)
				w.Size = x
				return w
			}, three,
		},
		{
			"event-size.svg", "Events over the data's size", "bytes of data", sizes,
			func(x int) work.Work {
				w := s.eventsOf("json")
				w.Size, w.Events = x, max(50, min(s.events, 64<<20/x)) // 64 MiB at most
				return w
			},
			[]string{contestant.Raw, contestant.Dispatch, contestant.Envelope, contestant.Naive},
		},
	}
}
