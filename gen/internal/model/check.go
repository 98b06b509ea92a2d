package model

import (
	"cmp"
	"slices"

	"github.com/xraph/dispatch/gen/internal/source"
)

// sortDecls puts the declarations into the order of the schema.
func (b *builder) sortDecls() {
	files := map[*source.File]int{}
	for i, f := range b.doc.Files {
		files[f] = i
	}
	slices.SortStableFunc(b.model.Decls, func(x, y Decl) int {
		p, q := x.Info().Value, y.Info().Value
		return cmp.Or(cmp.Compare(files[p.File()], files[q.File()]), p.Compare(q))
	})
}

// checkTargets reports declarations of the client that are made of the wire's.
func (b *builder) checkTargets() {
	for _, d := range b.model.Decls {
		if d.Info().Target != Client {
			continue
		}
		for _, t := range Uses(d) {
			for ; t != nil; t = t.Elem {
				if t.Kind == Named && t.Decl.Info().Target == Wire {
					b.problems.Add(d.Info().Value, `add "x-dwp-target": "wire" here, or remove it there`,
						"%s is of the client and refers to %s, which is of the wire", d.Info().Name, t.Decl.Info().Pointer())
				}
			}
		}
	}
}
