package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// FuzzRead: what is read is what encoding/json takes for valid, is written as the
// same value, and every value of it can be found again by its pointer.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, -2.5e3, true, false, null, "x\u00e9\n"], "b": {}}`, `[]`, `"\ud800"`, ` {"a":1,"a":2}`, `[1,]`, `{"a"`, "\xef\xbb\xbf{}", "[\"\x01\"]", `01`, "[[[[", `{"~/": {"": 0}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read("fuzz.json", data)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("the error is %T %v", err, err)
			}
			for _, p := range problems {
				if p.Position.Line < 1 || p.Position.Column < 1 || p.Message == "" || p.Hint == "" {
					t.Errorf("the problem is incomplete: %+v", p)
				}
			}
			return
		}
		if !json.Valid(data) {
			t.Fatal("encoding/json does not take it for JSON")
		}
		var want, got any
		if err := errors.Join(json.Unmarshal(data, &want), json.Unmarshal([]byte(file.Root.JSON()), &got)); err != nil {
			if bytes.ContainsAny(data, "eE") {
				return // a number that no float64 holds
			}
			t.Fatal(err)
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if !bytes.Equal(a, b) {
			t.Errorf("%s was read as %s", a, b)
		}
		walk(t, file.Root, nil)
	})
}

// walk holds every value to its place.
func walk(t *testing.T, v *Value, path []string) {
	t.Helper()
	root := v
	for root.Parent() != nil {
		root = root.Parent()
	}
	if root.At(path...) != v {
		t.Fatalf("%q does not lead to %s", path, v.Pointer())
	}
	for _, m := range v.Members {
		walk(t, m.Value, append(path, m.Name))
	}
	for _, item := range v.Items {
		walk(t, item, append(path, item.Token()))
	}
}
