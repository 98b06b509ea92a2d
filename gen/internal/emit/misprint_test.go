package emit

import (
	"io"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/source"
)

func TestWhatIsNotGoIsReportedWithoutTheFile(t *testing.T) {
	t.Parallel()
	file := jen.NewFile("p")
	file.Type().Id("Good").Struct()
	file.Type().Id("Broken").Op("= %")
	file.Type().Id("After").Struct()
	err := misprint("types", file.Render(io.Discard))
	if text := err.Error(); !strings.Contains(text, "a bug of dwpgen") || !strings.Contains(text, "printing types at Broken: expected type") || strings.Contains(text, "After") {
		t.Errorf("%s", text)
	}
}

func TestAKindWithoutARowIsABugWithAPlace(t *testing.T) {
	t.Parallel()
	file, err := source.Read("odd.json", []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Decls: []model.Decl{&model.Defined{About: model.About{Name: "Odd", Value: file.Root}, Type: &model.Type{}}}}
	_, err = Files(m, Config{Target: Types, Package: "p"})
	if err == nil || !strings.Contains(err.Error(), "a bug of dwpgen") || !strings.Contains(err.Error(), "Odd") {
		t.Errorf("%v", err)
	}
}
