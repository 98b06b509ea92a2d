package model_test

import (
	"testing"

	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/parse"
)

// TestNullBelongsToWhoeverRefers: a definition that lets null pass beside other values is
// nullable for whoever refers to it, itself among them; one that is null, or anything, is not.
func TestNullBelongsToWhoeverRefers(t *testing.T) {
	t.Parallel()
	const schema = `{"$defs": {
		"Text": {"type": ["string", "null"]},
		"List": {"type": ["array", "null"], "items": {"$ref": "#/$defs/List"}},
		"Either": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Either"}}, {"type": "integer"}, {"type": "null"}]},
		"Nothing": {"anyOf": [{"type": "null"}, {"const": null}]},
		"Anything": {"anyOf": [{}, {"type": "null"}]},
		"Plain": {"type": "object", "properties": {"text": {"$ref": "#/$defs/Text"}, "nothing": {"$ref": "#/$defs/Nothing"}}, "required": ["text"]}
	}}`
	doc, err := parse.Load("schema.json", func(string) ([]byte, error) { return []byte(schema), nil })
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Build(doc)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"Text": true, "List": true, "Either": true, "Nothing": false, "Anything": false, "Plain": false}
	for _, d := range m.Decls {
		about := d.Info()
		if nullable, named := want[about.Schema]; named && about.Nullable != nullable {
			t.Errorf("%s is nullable: %v", about.Name, about.Nullable)
		}
		switch d := d.(type) {
		case *model.Defined:
			if about.Schema == "List" && d.Type.Elem.Kind != model.Nullable {
				t.Errorf("the items of List are %+v", d.Type.Elem)
			}
		case *model.Struct:
			if f := d.Fields[0]; f.Type.Kind != model.Nullable || f.Presence != model.Always {
				t.Errorf("the field %s is %+v", f.Name, f)
			}
		}
	}
}
