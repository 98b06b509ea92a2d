package breaking

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/internal/instance"
)

// candidates is how many documents are tried as a witness.
const candidates = 300

// shape records a change of what documents may look like. What the relation
// does not settle is settled by a witness, or not at all.
func (w *walker) structure(e edit, what string, r relation) {
	change := Change{Pointer: e.at.String(), What: what, Go: w.source(e)}
	alone, err := w.alone(e)
	if w.role == (role{nonMonotonic: w.role.nonMonotonic}) {
		f := compatible("no message contains %s", w.root)
		change.OldClient, change.NewClient = f, f
	} else {
		verdict := func(holds bool, from, to *version, toAlone *version, reader string) Finding {
			switch {
			case holds:
				return compatible("%s", r.why)
			case r.clientKeepsUnknown && reader == "client":
				return compatible("%s, and the enum is open: the client keeps a value that it does not know", r.why)
			case err != nil:
				return unproven("%s; it cannot be tried alone: %v", r.why, err)
			}
			return w.search(e, from, to, toAlone, reader, r.why)
		}
		// The change alone, and the other version without it, so that a witness is about nothing
		// else.
		oldInNew := func(reader string) Finding { return verdict(r.oldInNew, w.old, w.new, alone, reader) }
		newInOld := func(reader string) Finding { return verdict(r.newInOld, alone, w.old, w.old, reader) }
		if w.role.client {
			change.OldClient = worse(change.OldClient, oldInNew("server"))
			change.NewClient = worse(change.NewClient, newInOld("server"))
		}
		if w.role.server {
			change.OldClient = worse(change.OldClient, newInOld("client"))
			change.NewClient = worse(change.NewClient, oldInNew("client"))
		}
	}
	w.changes = append(w.changes, change)
}

// note records a change that no document shows.
func (w *walker) note(e edit, what, why string) {
	f := compatible("%s", why)
	w.changes = append(w.changes, Change{Pointer: e.at.String(), What: what, OldClient: f, NewClient: f, Go: w.source(e)})
}

func worse(a, b Finding) Finding {
	if a.Verdict == "" || b.Verdict == Breaking && a.Verdict != Breaking || b.Verdict == Unproven && a.Verdict == Compatible {
		return b
	}
	return a
}

// alone returns the old version with one change made, and with the definitions
// that it may refer to.
func (c *comparison) alone(e edit) (*version, error) {
	d, err := c.old.document.with(e.set, e.to)
	if err != nil {
		return nil, err
	}
	for _, keyword := range []string{"$defs", "definitions"} {
		for name, definition := range c.new.document.object(pointer{keyword}) {
			if _, there := d.object(pointer{keyword})[name]; there {
				continue
			}
			if d.object(pointer{keyword}) == nil {
				d[keyword] = map[string]any{}
			}
			if d, err = d.with(pointer{keyword, name}, definition); err != nil {
				return nil, err
			}
		}
	}
	b, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return newVersion(Schema{c.new.Name, b})
}

// ofUnknown are the keywords that concern members that are not named. A change
// of one is shown by documents of hand-written peers too, who may write any.
var ofUnknown = []string{
	"additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties",
}

// search looks for a document that one version writes and the other refuses
// because of this change: it is refused by the version with the change alone and by the whole one.
func (w *walker) search(e edit, from, to, toAlone *version, reader, why string) Finding {
	written := func(v *version) *validator {
		if slices.Contains(ofUnknown, e.at[len(e.at)-1]) {
			return v.strict
		}
		return v.exact
	}
	writes, err := written(from).at(w.root)
	if err != nil {
		return unproven("%v", err)
	}
	accepts := make([]*jsonschema.Schema, 0, 2)
	for _, v := range []*version{toAlone, to} {
		read := v.strict
		if reader == "client" {
			read = v.lenient
		}
		s, err := read.at(w.root)
		if err != nil {
			return unproven("%v", err)
		}
		accepts = append(accepts, s)
	}
	// The whole of the writing version has to allow it as well; the part made alone is checked
	// already.
	whole := writes
	if from != w.old {
		if whole, err = written(w.new).at(w.root); err != nil {
			return unproven("%v", err)
		}
	}
	proves := func(v any) bool {
		return writes.Validate(v) == nil && whole.Validate(v) == nil &&
			accepts[0].Validate(v) != nil && accepts[1].Validate(v) != nil
	}
	h := fnv.New64a()
	fmt.Fprint(h, e.at, reader)
	source := rand.New(rand.NewPCG(1, h.Sum64()))
	var best any
	found := false
	consider := func(v any) {
		if proves(v) && (!found || len(text(v)) < len(text(best))) {
			best, found = v, true
		}
	}
	writer, other := instance.New(whole, source), instance.New(accepts[0], source)
	writer.Fractions, writer.Big = true, true
	for i := range candidates {
		if found && i > candidates/4 {
			break
		}
		writer.Unknown = i%3 == 0
		v, ok := writer.Valid()
		if !ok {
			break
		}
		consider(v)
		consider(writer.Mutate(v))
		consider(other.Mutate(v))
	}
	if !found {
		return unproven("%s, and no document was found that shows it", why)
	}
	best = shrink(best, proves)
	b, err := json.Marshal(best)
	if err != nil {
		return unproven("%v", err)
	}
	return Finding{Verdict: Breaking, Why: why, Witness: b, Refused: refusal(accepts[0], best)}
}

// shrinkTries bounds how many smaller witnesses are tried.
const shrinkTries = 2000

// shrink leaves out what a witness does not need.
func shrink(v any, proves func(any) bool) any {
	tries := shrinkTries
	for done := false; !done; {
		done = true
		for smaller := range smaller(v) {
			if tries--; tries < 0 {
				return v
			}
			if proves(smaller) {
				v, done = smaller, false
				break
			}
		}
	}
	return v
}

// smaller yields copies of a document with one part left out or made plain.
func smaller(v any) func(yield func(any) bool) {
	return func(yield func(any) bool) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				c := maps.Clone(v)
				delete(c, name)
				if !yield(c) {
					return
				}
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				for part := range smaller(v[name]) {
					c := maps.Clone(v)
					c[name] = part
					if !yield(c) {
						return
					}
				}
			}
		case []any:
			for i := range v {
				if !yield(slices.Delete(slices.Clone(v), i, i+1)) {
					return
				}
			}
			for i := range v {
				for part := range smaller(v[i]) {
					c := slices.Clone(v)
					c[i] = part
					if !yield(c) {
						return
					}
				}
			}
		case string:
			for _, plain := range []string{"", "x", "xxx", "2026-01-01", "2026-01-01T00:00:00Z", "bnVsbA=="} {
				if v == plain || len(plain) <= len(v) && !yield(plain) {
					return
				}
			}
		case json.Number:
			for _, plain := range []json.Number{"0", "1", "-1"} {
				if v == plain || len(plain) <= len(v) && !yield(plain) {
					return
				}
			}
		}
	}
}
