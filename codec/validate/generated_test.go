package validate

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// This file tests what only generated code of some schemas calls.

func TestOrderedFollowsTheKeys(t *testing.T) {
	t.Parallel()
	var keys []string
	for key, v := range Ordered(map[string]int{"c": 3, "a": 1, "b": 2}) {
		keys = append(keys, key)
		if v == 2 {
			break
		}
	}
	if !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("the keys are %q", keys)
	}
}

func TestItemsAreTheTextsOfAnArray(t *testing.T) {
	t.Parallel()
	items, err := Items([]byte(`[1, {"a":[2]},"x"]`))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]byte{[]byte(`1`), []byte(`{"a":[2]}`), []byte(`"x"`)}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Error(diff)
	}
	if _, err := Items([]byte(`[1`)); err == nil {
		t.Error("an array without an end is read")
	}
}
