package emit

import (
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/source"
)

// TestEveryKindHasARow: a kind that a printer does not know would be printed as another.
func TestEveryKindHasARow(t *testing.T) {
	t.Parallel()
	for _, k := range model.Kinds() {
		r := rows[k]
		if r == nil {
			t.Errorf("kind %d has no row", k)
			continue
		}
		if r.goType == nil || r.append == nil || r.scan == nil || r.scanFunc == nil || r.coder == nil || r.msgp == nil || r.validate == nil || r.present == nil {
			t.Errorf("the row of kind %d is not complete: %+v", k, r)
		}
	}
	if len(rows) != len(model.Kinds()) {
		t.Errorf("%d rows for %d kinds", len(rows), len(model.Kinds()))
	}
}

func TestKindWithoutARowIsAnError(t *testing.T) {
	t.Parallel()
	file, err := source.Read("schema.json", []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	d := &model.Defined{About: model.About{Name: "X", Value: file.Root}, Type: &model.Type{Kind: model.Invalid}}
	for _, target := range Targets {
		if target == Server || target == Wire {
			continue // they do not print the declaration
		}
		files, err := Files(&model.Model{Decls: []model.Decl{d}}, Config{Target: target, Package: "p", Schema: "schema.json"})
		if err == nil || !strings.Contains(err.Error(), "no row for the kind") {
			t.Errorf("%s: the error is %v, and %d files are printed", target, err, len(files))
		}
	}
}
