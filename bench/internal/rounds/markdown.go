package rounds

import (
	"strings"
)

// Column is one column of a table: its cell for each entrant.
type Column struct {
	Title string
	Cell  func(t *Table, name string) string
}

// Median is a column of a figure's median.
func Median(title string, of func(Run) float64) Column {
	return Column{title, func(t *Table, name string) string { return digits(NewSpread(t.Figures(name, of)).Median) }}
}

// Of is a column of the ratios of a figure to that of another entrant, with quartiles.
func Of(title, base string, of func(Run) float64) Column {
	return Column{title, func(t *Table, name string) string {
		ratios := t.Ratios(name, base, of)
		if len(ratios) == 0 {
			return "–"
		}
		return NewSpread(ratios).String()
	}}
}

// Markdown prints a row for each entrant.
func (t *Table) Markdown(columns ...Column) string {
	var b strings.Builder
	b.WriteString("| client |")
	for _, c := range columns {
		b.WriteString(" " + c.Title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(columns)) + "\n")
	for _, name := range t.Names {
		b.WriteString("| " + name + " |")
		for _, c := range columns {
			b.WriteString(" " + c.Cell(t, name) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}
