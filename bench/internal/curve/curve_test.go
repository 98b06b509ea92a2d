package curve

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/xraph/dispatch/bench/internal/rounds"
)

func TestPlotIsAnSVGThatNamesItsLines(t *testing.T) {
	t.Parallel()
	flat := func(y float64) rounds.Spread { return rounds.NewSpread([]float64{y, 2 * y}) }
	p := Plot{Title: "Calls", X: "callers", Y: "µs", Lines: []Line{
		{Name: "first line", Points: []Point{{1, flat(10)}, {1024, flat(1)}}},
		{Name: "no points"},
	}}
	path := filepath.Join(t.TempDir(), "plot.svg")
	if err := p.WriteSVG(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"<svg", "Calls", "callers", "first line"} {
		if !bytes.Contains(b, []byte(text)) {
			t.Errorf("the plot does not contain %q", text)
		}
	}
	want := "| callers | first line | no points |\n|--:|--:|--:|\n| 1 | 15.0 (12.5–17.5) |  |\n| 1024 | 1.50 (1.25–1.75) |  |\n"
	if got := p.Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
