package gen

import (
	"encoding/json"
	"io"

	"github.com/xraph/dispatch/gen/internal/breaking"
)

// BreakingReport says of each change from one version of a schema to another what it breaks.
type BreakingReport struct {
	// Changes are in the order of their pointers.
	Changes []Change

	report *breaking.Report
}

// Change is a difference between two versions of a schema.
type Change struct {
	Pointer string // the JSON pointer to what changed
	What    string // the change in words
	// OldClient is what happens between an old client and a new server, NewClient between a new
	// client and an old server.
	OldClient, NewClient Finding
	// Go is what happens to source that uses the generated code.
	Go Finding
	// Accepted is the reason for which the change is accepted, "" if it is not.
	Accepted string
}

// Finding is a verdict on a change, with its reason.
type Finding struct {
	Verdict Verdict
	Why     string
	// Witness is a document that one side writes and the other refuses, nil if there is none.
	// Refused is the reason that the other side gives.
	Witness json.RawMessage
	Refused string
}

// Verdict is what is known of a change in one respect. It is "" where the question does not arise.
type Verdict string

// The verdicts.
const (
	Compatible Verdict = "compatible" // nothing breaks
	// Unproven is a change that is neither compatible nor shown by a witness to break something.
	Unproven Verdict = "unproven"
	Breaks   Verdict = "breaking" // something breaks
)

func newBreakingReport(report *breaking.Report) *BreakingReport {
	r := &BreakingReport{report: report}
	for _, c := range report.Changes {
		r.Changes = append(r.Changes, Change{
			Pointer: c.Pointer, What: c.What, Accepted: c.Accepted,
			OldClient: newFinding(c.OldClient), NewClient: newFinding(c.NewClient), Go: newFinding(c.Go),
		})
	}
	return r
}

func newFinding(f breaking.Finding) Finding {
	return Finding{Verdict: Verdict(f.Verdict), Why: f.Why, Witness: f.Witness, Refused: f.Refused}
}

// Harmful counts the changes that break something, or may, and are not accepted.
func (r *BreakingReport) Harmful() int { return r.report.Harmful() }

// WriteText writes the report as text, a paragraph for each change.
func (r *BreakingReport) WriteText(w io.Writer) error { return r.report.WriteText(w) }

// WriteJSON writes the report as JSON.
func (r *BreakingReport) WriteJSON(w io.Writer) error { return r.report.WriteJSON(w) }
