package devserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// difference is a step that is answered otherwise than by production.
type difference struct {
	name       string // of the case
	step       int    // from 1
	want, have string
}

func compare(e exchange, i int, have []string) []difference {
	want := slices.Sorted(slices.Values(e.steps[i].answers))
	slices.Sort(have)
	if slices.Equal(want, have) {
		return nil
	}
	return []difference{{e.name, i + 1, strings.Join(want, " "), strings.Join(have, " ")}}
}

// TestTheAnswersAreProductions sends what a production server was sent, and compares the answers.
// What differs is exactly what docs/COMPATIBILITY.md lists.
func TestTheAnswersAreProductions(t *testing.T) {
	t.Parallel()
	frames, requests := 0, 0
	var differences []difference
	for _, e := range readAnswers(t, sectionFrames) {
		play := replayInMemory
		if strings.HasPrefix(e.name, "size ") || strings.HasPrefix(e.name, "ws ") && e.name != "ws huge length" {
			play = replayOnLoopback
		}
		t.Run(e.name, func(t *testing.T) { differences = append(differences, play(t, e)...) })
		for _, s := range e.steps {
			if !s.skipped {
				frames++
			}
		}
	}
	for _, e := range readAnswers(t, sectionHTTP) {
		t.Run(e.name, func(t *testing.T) { differences = append(differences, replayRequest(t, e)...) })
		requests++
	}
	if frames < 290 || requests < 25 {
		t.Errorf("only %d frames and %d requests were sent", frames, requests)
	}
	t.Logf("%d frames and %d requests: %d are answered alike, %d differ as listed",
		frames, requests, frames+requests-len(differences), len(differences))

	var rows []string
	for _, d := range differences {
		rows = append(rows, fmt.Sprintf("| %s, %d | %s | %s |", d.name, d.step, cell(d.want), cell(d.have)))
	}
	if diff := cmp.Diff(listedDifferences(t), rows); diff != "" {
		t.Errorf("docs/COMPATIBILITY.md -, the answers +:\n%s", diff)
	}
}

// cell is an answer as a table says it.
func cell(answer string) string {
	if answer == "" {
		return "nothing within 0.25 s"
	}
	return "`" + strings.ReplaceAll(answer, "|", `\|`) + "`"
}

// listedDifferences are the rows of the table of differences, without what explains them.
func listedDifferences(t *testing.T) (rows []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "COMPATIBILITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "\n| case, step | production | devserver | why |\n|---|---|---|---|\n")
	if !ok {
		t.Fatal("docs/COMPATIBILITY.md has no table of differences")
	}
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			break
		}
		row := strings.TrimSuffix(strings.TrimSpace(line), " |")
		last := strings.LastIndex(row, " | ")
		rows = append(rows, row[:last]+" |")
	}
	return rows
}
