package emit

import (
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
)

func TestQualifyFindsQualifiedNamesOnlyInCode(t *testing.T) {
	t.Parallel()
	f := jen.NewFile("p")
	f.ImportName(codecPath, "codec")
	f.Add(qualify("// codec.Null is not used\nvar a = \"time.Second \\\" time.Hour\" + `json.RawMessage`\nvar b = codec.MaxDepth\nvar c = x.time.Second"))
	var out strings.Builder
	if err := f.Render(&out); err != nil {
		t.Fatal(err)
	}
	want := "package p\n\nimport \"github.com/xraph/dispatch/codec\"\n\n// codec.Null is not used\n" +
		"var a = \"time.Second \\\" time.Hour\" + `json.RawMessage`\nvar b = codec.MaxDepth\nvar c = x.time.Second\n"
	if out.String() != want {
		t.Errorf("the file is\n%s\nnot\n%s", &out, want)
	}
}
