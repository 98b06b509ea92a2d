package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Acceptance says that a change is made on purpose.
type Acceptance struct {
	Pointer string `json:"pointer"`
	// What, if set, must be that of the change.
	What   string `json:"what,omitempty"`
	Reason string `json:"reason"`
}

// ParseAcceptances reads a list of acceptances as JSON. Each needs a pointer and a reason.
func ParseAcceptances(name string, text []byte) ([]Acceptance, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var list []Acceptance
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, a := range list {
		if a.Pointer == "" || strings.TrimSpace(a.Reason) == "" {
			return nil, fmt.Errorf("%s: acceptance %d needs a pointer and a reason", name, i+1)
		}
	}
	return list, nil
}

// Accept marks the changes that are accepted, and keeps what matches none.
func (r *Report) Accept(list []Acceptance) {
	for _, a := range list {
		used := false
		for i := range r.Changes {
			if c := &r.Changes[i]; c.Pointer == a.Pointer && (a.What == "" || c.What == a.What) {
				c.Accepted, used = a.Reason, true
			}
		}
		if !used {
			r.Unused = append(r.Unused, a)
		}
	}
}
