// Package curve draws how a cost grows, on two logarithmic axes: there, cost that is proportional
// is a straight line.
package curve

import (
	"fmt"
	"strings"

	"github.com/xraph/dispatch/bench/internal/rounds"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Plot is one plot.
type Plot struct {
	Title, X, Y string
	Lines       []Line
}

// Line is the line of one client.
type Line struct {
	Name   string
	Points []Point
}

// Point is the cost at X.
type Point struct {
	X float64
	Y rounds.Spread
}

// points are the medians, with the quartiles as error bars.
type points []Point

func (p points) Len() int                { return len(p) }
func (p points) XY(i int) (x, y float64) { return p[i].X, p[i].Y.Median }
func (p points) YError(i int) (low, high float64) {
	return p[i].Y.Median - p[i].Y.LowerQuartile, p[i].Y.UpperQuartile - p[i].Y.Median
}

// WriteSVG writes the plot to a file.
func (p Plot) WriteSVG(path string) error {
	canvas := plot.New()
	for _, style := range []*text.Style{
		&canvas.Title.TextStyle, &canvas.X.Label.TextStyle, &canvas.Y.Label.TextStyle,
		&canvas.X.Tick.Label, &canvas.Y.Tick.Label, &canvas.Legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	canvas.Title.Text, canvas.X.Label.Text, canvas.Y.Label.Text = p.Title, p.X, p.Y
	canvas.X.Scale, canvas.Y.Scale = plot.LogScale{}, plot.LogScale{}
	canvas.X.Tick.Marker, canvas.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	canvas.Legend.Top, canvas.Legend.Left, canvas.Legend.Padding = true, true, vg.Millimeter
	canvas.Add(plotter.NewGrid())
	for i, line := range p.Lines {
		if len(line.Points) == 0 {
			continue
		}
		stroke, marks, err := plotter.NewLinePoints(points(line.Points))
		if err != nil {
			return fmt.Errorf("%s: %w", line.Name, err)
		}
		bars, err := plotter.NewYErrorBars(points(line.Points))
		if err != nil {
			return fmt.Errorf("%s: %w", line.Name, err)
		}
		stroke.Color, marks.Color, bars.Color = plotutil.Color(i), plotutil.Color(i), plotutil.Color(i)
		marks.Shape = plotutil.Shape(i)
		canvas.Add(stroke, marks, bars)
		canvas.Legend.Add(line.Name, stroke, marks)
	}
	return canvas.Save(18*vg.Centimeter, 12*vg.Centimeter, path)
}

// Markdown is a table of the points, a row for each X.
func (p Plot) Markdown() string {
	var b strings.Builder
	b.WriteString("| " + p.X + " |")
	for _, line := range p.Lines {
		b.WriteString(" " + line.Name + " |")
	}
	b.WriteString("\n|--:|" + strings.Repeat("--:|", len(p.Lines)) + "\n")
	cells := map[float64][]string{}
	var order []float64
	for i, line := range p.Lines {
		for _, point := range line.Points {
			if cells[point.X] == nil {
				cells[point.X] = make([]string, len(p.Lines))
				order = append(order, point.X)
			}
			cells[point.X][i] = point.Y.String()
		}
	}
	for _, x := range order {
		fmt.Fprintf(&b, "| %.0f | %s |\n", x, strings.Join(cells[x], " | "))
	}
	return b.String()
}
