package source

import (
	"strings"
	"testing"
)

func TestEveryValueKnowsItsPlace(t *testing.T) {
	t.Parallel()
	file, err := Read("a.json", []byte("{\n  \"x/y\": [true,\n    {\"~\": \"é\", \"z\": 1}]\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path     []string
		pointer  string
		position string
	}{
		{nil, "#", "a.json:1:1"},
		{[]string{"x/y"}, "#/x~1y", "a.json:2:10"},
		{[]string{"x/y", "1"}, "#/x~1y/1", "a.json:3:5"},
		{[]string{"x/y", "1", "~"}, "#/x~1y/1/~0", "a.json:3:11"},
		{[]string{"x/y", "1", "z"}, "#/x~1y/1/z", "a.json:3:22"},
	}
	for _, tt := range tests {
		v := file.Root.At(tt.path...)
		if v == nil {
			t.Fatalf("nothing at %q", tt.path)
		}
		if v.Pointer() != tt.pointer || v.Position().String() != tt.position {
			t.Errorf("%q is %s at %s, not %s at %s", tt.path, v.Pointer(), v.Position(), tt.pointer, tt.position)
		}
	}
	for _, path := range [][]string{{"y"}, {"x/y", "2"}, {"x/y", "01"}, {"x/y", "-1"}, {"x/y", "0", "a"}} {
		if v := file.Root.At(path...); v != nil {
			t.Errorf("%q leads to %s", path, v.Pointer())
		}
	}
}

func TestProblemsAreToldOnceAndInOrder(t *testing.T) {
	t.Parallel()
	file, err := Read("a.json", []byte("[1,\n2]"))
	if err != nil {
		t.Fatal(err)
	}
	var ps Problems
	if ps.Err() != nil {
		t.Error("no problems are an error")
	}
	ps.Add(file.Root.Items[1], "right", "%s is wrong", "2")
	ps.Add(file.Root.Items[0], "", "so is 1")
	ps.Add(file.Root.Items[1], "right", "2 is wrong")
	want := "a.json:1:2: #/0: so is 1\na.json:2:1: #/1: 2 is wrong: right"
	if got := ps.Err().Error(); got != want {
		t.Errorf("the error is\n%s\nnot\n%s", got, want)
	}
}

func TestNestingIsLimited(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	if _, err := Read("a.json", []byte(deep)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if _, err := Read("a.json", []byte("["+deep+"]")); err == nil || !strings.Contains(err.Error(), "nested deeper than 512") {
		t.Errorf("beyond the limit: %v", err)
	}
}
