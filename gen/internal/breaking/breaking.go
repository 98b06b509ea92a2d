// Package breaking compares two versions of a protocol's schema and says of
// each difference what it breaks: peers of the other version on the wire, in
// each direction, and Go source that uses the generated code. That a message's shape
// breaks is proven by a witness, a document that one side writes and the other
// refuses; what can be neither proven nor excluded is called unproven.
package breaking

import (
	"encoding/json"
	"fmt"
)

// Verdict is what is known of a change in one respect.
type Verdict string

// The verdicts, from harmless to harmful.
const (
	Compatible Verdict = "compatible"
	Unproven   Verdict = "unproven" // neither excluded nor shown by a witness
	Breaking   Verdict = "breaking"
)

// Finding is a verdict with its reason.
type Finding struct {
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
	// Witness is a document of the changed type, written by one side and refused by the
	// other.
	Witness json.RawMessage `json:"witness,omitempty"`
	// Refused is what the refusing side says of the witness.
	Refused string `json:"refused,omitempty"`
}

// Change is one difference between two schemas.
type Change struct {
	Pointer string `json:"pointer"`
	What    string `json:"what"`
	// OldClient is what happens between an old client and a new server,
	// NewClient between a new client and an old server.
	OldClient Finding `json:"oldClientNewServer"`
	NewClient Finding `json:"newClientOldServer"`
	// Go is what happens to source that uses the generated code.
	Go Finding `json:"goSource"`
	// Accepted is the reason why the change is made all the same.
	Accepted string `json:"accepted,omitempty"`
}

// Worst returns the worst of the change's verdicts.
func (c *Change) Worst() Verdict {
	worst := Compatible
	for _, f := range []Finding{c.OldClient, c.NewClient, c.Go} {
		if f.Verdict == Breaking || f.Verdict == Unproven && worst == Compatible {
			worst = f.Verdict
		}
	}
	return worst
}

// Generator returns the Go files that a schema becomes, or why it becomes none.
type Generator func(name string, schema []byte) ([][]byte, error)

// Schema is a version of a schema: what to call it and its text.
type Schema struct {
	Name string
	Text []byte
}

// Compare returns the changes that lead from one schema to another, in the order of their
// pointers. Without a generator nothing is said of Go source. An error is about the schemas
// themselves: they are not JSON, or no JSON Schema.
func Compare(before, after Schema, generate Generator) (*Report, error) {
	c := comparison{generate: generate}
	var err error
	if c.old, err = newVersion(before); err != nil {
		return nil, err
	}
	if c.new, err = newVersion(after); err != nil {
		return nil, err
	}
	for _, v := range []*version{c.old, c.new} {
		if err := v.check(); err != nil {
			return nil, err
		}
	}
	c.compareProtocol()
	c.compareSchemas()
	return &Report{Old: before.Name, New: after.Name, Changes: c.changes}, nil
}

// comparison is one run of Compare.
type comparison struct {
	old, new *version
	generate Generator
	changes  []Change
}

// add records a change that the keywords of the vocabulary make: its pointer says where, no witness
// is wanted.
func (c *comparison) add(e edit, what string, oldClient, newClient Finding) {
	c.changes = append(c.changes, Change{
		Pointer: e.at.String(), What: what, OldClient: oldClient, NewClient: newClient, Go: c.source(e),
	})
}

func compatible(format string, args ...any) Finding {
	return Finding{Verdict: Compatible, Why: fmt.Sprintf(format, args...)}
}

func breaks(format string, args ...any) Finding {
	return Finding{Verdict: Breaking, Why: fmt.Sprintf(format, args...)}
}

func unproven(format string, args ...any) Finding {
	return Finding{Verdict: Unproven, Why: fmt.Sprintf(format, args...)}
}
