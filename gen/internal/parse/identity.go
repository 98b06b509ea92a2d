package parse

import (
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// identify reads what gives a schema a name of its own: $anchor, and $id or id,
// which is that too in old drafts when it is a fragment.
func (d *document) identify(s *Schema) {
	keyword := "$id"
	if d.dialect == Draft4 {
		keyword = "id"
	}
	if id := s.Value.Member(keyword); id != nil && d.want(id, source.String) && s.Value != d.file.Root {
		name, isFragment := strings.CutPrefix(id.Text, "#")
		if isFragment && d.dialect >= Draft7 {
			d.anchor(id, name)
			return
		}
		d.problems.Add(id, "keep it at the root and refer to the subschema by its pointer or $anchor", "%s is used in a subschema", keyword)
	}
	if a := s.Value.Member("$anchor"); a != nil && d.dialect <= Draft2019 && d.want(a, source.String) {
		d.anchor(a, a.Text)
	}
}

func (d *document) anchor(v *source.Value, name string) {
	if d.anchors == nil {
		d.anchors = map[string]*source.Value{}
	}
	if other := d.anchors[name]; other != nil && other != v.Parent() {
		d.problems.Add(v, "rename one of them", "the anchor %s is that of %s too", name, other.Pointer())
		return
	}
	d.anchors[name] = v.Parent()
}
