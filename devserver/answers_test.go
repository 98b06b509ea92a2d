package devserver_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// exchange is one case of testdata/answers.txt: what was sent to a production server in a
// conversation, and its answers.
type exchange struct {
	name  string
	steps []step
}

// step is something sent and what came then.
type step struct {
	send    string
	answers []string
	skipped bool // the connection had ended before it
}

// The sections of testdata/answers.txt.
const (
	sectionFrames = "# WebSocket:"
	sectionHTTP   = "# HTTP:"
	sectionEngine = "# Engine,"
)

// readAnswers reads a section of testdata/answers.txt.
func readAnswers(t *testing.T, section string) (cases []exchange) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "answers.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), section)
	if !ok {
		t.Fatalf("there is no section %q", section)
	}
	_, rest, _ = strings.Cut(rest, "\n")
	for line := range strings.Lines(rest) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "# ") {
			break
		}
		if name, ok := strings.CutPrefix(line, "== "); ok {
			cases = append(cases, exchange{name: name})
			continue
		}
		e := &cases[len(cases)-1]
		if sent, ok := strings.CutPrefix(line, "  > "); ok {
			e.steps = append(e.steps, step{send: strings.TrimSuffix(sent, "  [same]")})
			continue
		}
		answer, ok := strings.CutPrefix(line, "  < ")
		if same, alike := strings.CutPrefix(line, "  = "); alike {
			answer, ok = same, true
		}
		if !ok {
			t.Fatalf("%s: what is %q", e.name, line)
		}
		if len(e.steps) == 0 { // of a request that its name says
			e.steps = append(e.steps, step{})
		}
		s := &e.steps[len(e.steps)-1]
		switch answer {
		case "(nothing)":
		case "(step not reached)":
			s.skipped = true
		default:
			s.answers = append(s.answers, repeated(answer)...)
		}
	}
	return cases
}

// repeated is an answer that came several times.
func repeated(answer string) []string {
	count, rest, ok := strings.Cut(answer, " x T ")
	n, err := strconv.Atoi(count)
	if !ok || err != nil {
		return []string{answer}
	}
	answers := make([]string, n)
	for i := range answers {
		answers[i] = "T " + rest
	}
	return answers
}
