package breaking

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Report is what [Compare] found.
type Report struct {
	Old     string   `json:"old"`
	New     string   `json:"new"`
	Changes []Change `json:"changes"`
	// Unused are acceptances that no change matches.
	Unused []Acceptance `json:"unusedAcceptances,omitempty"`
}

// Harmful counts the changes that break something, or may, and are not accepted.
func (r *Report) Harmful() int {
	n := 0
	for i := range r.Changes {
		if c := &r.Changes[i]; c.Worst() != Compatible && c.Accepted == "" {
			n++
		}
	}
	return n
}

// WriteJSON writes the report for machines.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for i := range r.Changes {
		c := &r.Changes[i]
		fmt.Fprintf(&b, "%s: %s\n", c.Pointer, c.What)
		for _, direction := range []struct {
			name string
			Finding
		}{{"old client, new server", c.OldClient}, {"new client, old server", c.NewClient}, {"Go source", c.Go}} {
			if direction.Verdict == "" {
				continue
			}
			fmt.Fprintf(&b, "  %s: %s", direction.name, direction.Verdict)
			if direction.Why != "" {
				fmt.Fprintf(&b, ": %s", direction.Why)
			}
			b.WriteByte('\n')
			if direction.Witness != nil {
				fmt.Fprintf(&b, "    witness: %s\n    refused: %s\n", direction.Witness, direction.Refused)
			}
		}
		if c.Accepted != "" {
			fmt.Fprintf(&b, "  accepted: %s\n", c.Accepted)
		}
	}
	for _, a := range r.Unused {
		fmt.Fprintf(&b, "the acceptance of %s matches no change\n", a.Pointer)
	}
	fmt.Fprintf(&b, "%s, %d of them harmful and not accepted\n", counted(len(r.Changes), "change"), r.Harmful())
	_, err := io.WriteString(w, b.String())
	return err
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
