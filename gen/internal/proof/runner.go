package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

// Runner is a compiled program that decodes documents into generated types.
type Runner struct{ program string }

// Question is a document for a type.
type Question struct {
	Package  string `json:"package"`
	Type     string `json:"type"`
	Document string `json:"document"`
}

// Answer is what a type made of a document.
type Answer struct {
	Accepted bool   `json:"accepted"`
	Error    string `json:"error"`
	Range    bool   `json:"range"` // refused because no Go type holds a number
	JSON     string `json:"json"`  // the document, written again
	// the same after a round trip through msgpack; "" for types without
	Msgpack string `json:"msgpack"`
	// why the document is refused in msgpack's own types, "" if it is not
	Packed string `json:"packed"`
	Broken string `json:"broken"` // a panic, or something accepted that cannot be written
}

// Run runs the program on all questions and returns an answer to each.
func (r *Runner) Run(ctx context.Context, questions []Question) ([]Answer, error) {
	var in, out, stderr bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, r.program)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &stderr
	runErr := cmd.Run()
	answers := make([]Answer, 0, len(questions))
	for dec := json.NewDecoder(&out); dec.More(); {
		var a Answer
		if err := dec.Decode(&a); err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	if len(answers) == len(questions) {
		return answers, runErr
	}
	// A stack overflow cannot be recovered from: say which document caused it.
	q := questions[len(answers)]
	reason, _, _ := strings.Cut(stderr.String(), "\n\n")
	return nil, fmt.Errorf("the runner crashed at %s.%s and %.200s: %w\n%.2000s", q.Package, q.Type, q.Document, runErr, reason)
}

// NoSerializers is the reason why a document is refused in msgpack by a type that is not a message
// of its own, such as an enum.
const NoSerializers = "the type has no serializers"

// OwnTypes reports whether a schema has values that are strings in JSON and have types of their own
// in msgpack: bytes and times.
func OwnTypes(schema string) bool {
	return strings.Contains(schema, `"date-time"`) || strings.Contains(schema, `"base64"`) || strings.Contains(schema, `"byte"`)
}
