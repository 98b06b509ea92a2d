package gen

import (
	"fmt"
	"slices"
	"strings"
)

// diffContext is how many unchanged lines surround a change.
const diffContext = 3

// unifiedDiff is what diff -u says about two texts, "" if they are equal.
func unifiedDiff(name, old, new string) string {
	if old == new {
		return ""
	}
	a, b := lines(old), lines(new)
	edits := compare(a, b)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s (generated)\n", name, name)
	for i := 0; i < len(edits); {
		if edits[i].kind == ' ' {
			i++
			continue
		}
		start := max(i-diffContext, 0)
		end, last := i, i
		for end < len(edits) && end-last <= 2*diffContext {
			if edits[end].kind != ' ' {
				last = end
			}
			end++
		}
		end = min(last+diffContext+1, len(edits))
		hunk(&out, edits[start:end])
		i = end
	}
	return out.String()
}

type edit struct {
	kind rune // ' ', '-' or '+'
	line string
	a, b int // its line numbers in the old and the new text
}

func hunk(out *strings.Builder, edits []edit) {
	var before, after int
	for _, e := range edits {
		if e.kind != '+' {
			before++
		}
		if e.kind != '-' {
			after++
		}
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", edits[0].a+1, before, edits[0].b+1, after)
	for _, e := range edits {
		fmt.Fprintf(out, "%c%s\n", e.kind, e.line)
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// compare is the shortest way from a to b by Myers' algorithm, which takes
// time and memory by the number of differences.
func compare(a, b []string) []edit {
	limit := len(a) + len(b)
	furthest := map[int]int{1: 0}
	var trace []map[int]int
	for d := 0; d <= limit; d++ {
		step := make(map[int]int, d+1)
		for k := -d; k <= d; k += 2 {
			x := furthest[k-1] + 1
			if k == -d || k != d && furthest[k-1] < furthest[k+1] {
				x = furthest[k+1]
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			step[k] = x
			if x >= len(a) && x-k >= len(b) {
				return backtrack(a, b, append(trace, step))
			}
		}
		trace = append(trace, step)
		furthest = step
	}
	return nil
}

func backtrack(a, b []string, trace []map[int]int) []edit {
	var reversed []edit
	x, y := len(a), len(b)
	for d := range slices.Backward(trace) {
		k := x - y
		px, py := 0, 0
		down := false
		if d > 0 {
			previous := trace[d-1]
			down = k == -d || k != d && previous[k-1] < previous[k+1]
			pk := k - 1
			if down {
				pk = k + 1
			}
			px = previous[pk]
			py = px - pk
		}
		startX, startY := px, py
		if d > 0 && down {
			startY++
		} else if d > 0 {
			startX++
		}
		for x > startX && y > startY {
			x--
			y--
			reversed = append(reversed, edit{' ', a[x], x, y})
		}
		if d > 0 && down {
			y--
			reversed = append(reversed, edit{'+', b[y], x, y})
		} else if d > 0 {
			x--
			reversed = append(reversed, edit{'-', a[x], x, y})
		}
	}
	out := make([]edit, len(reversed))
	for i, e := range reversed {
		out[len(out)-1-i] = e
	}
	return out
}
