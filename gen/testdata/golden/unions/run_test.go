package run

import (
	"encoding/json"
	"testing"

	"proof/unions"
)

func TestVariantsOfATaggedUnionAreTypes(t *testing.T) {
	t.Parallel()
	var picture unions.Picture
	if err := json.Unmarshal([]byte(`{"shapes":[{"kind":"circle","radius":1},{"kind":"star","points":5}]}`), &picture); err != nil {
		t.Fatal(err)
	}
	if circle, ok := picture.Shapes[0].(*unions.Circle); !ok || circle.Radius != 1 {
		t.Errorf("the first is %#v", picture.Shapes[0])
	}
	if _, ok := picture.Shapes[1].(*unions.UnknownShape); !ok {
		t.Errorf("the second is %#v", picture.Shapes[1])
	}
}

func TestVariantsOfAnAmbiguousUnionAreAskedFor(t *testing.T) {
	t.Parallel()
	var picture unions.Picture
	if err := json.Unmarshal([]byte(`{"vague":{"a":"x"}}`), &picture); err != nil {
		t.Fatal(err)
	}
	if left, err := picture.Vague.AsLeft(); err != nil || left.A == nil || *left.A != "x" {
		t.Errorf("AsLeft returns %+v, %v", left, err)
	}
	if _, err := (&unions.Vague{JSON: json.RawMessage(`{"b":"no integer"}`)}).AsRight(); err == nil {
		t.Error("AsRight takes what is none")
	}
}
