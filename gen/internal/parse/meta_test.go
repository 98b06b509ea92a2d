package parse_test

import (
	"os"
	"testing"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// TestNamesMayClimb: where a schema lies in relation to the working directory does not matter.
func TestNamesMayClimb(t *testing.T) {
	t.Parallel()
	for main, other := range map[string]string{
		"main.json": "other.json", "a/main.json": "a/other.json", "../main.json": "../other.json",
		"../../a/main.json": "../../a/other.json", "/a/main.json": "/a/other.json",
	} {
		_, err := parse.Load(main, func(name string) ([]byte, error) {
			switch name {
			case main:
				return []byte(`{"$defs": {"A": {"$ref": "other.json#/$defs/B"}}}`), nil
			case other:
				return []byte(`{"$defs": {"B": {"type": "string"}}}`), nil
			}
			return nil, os.ErrNotExist
		})
		if err != nil {
			t.Errorf("%s: %v", main, err)
		}
	}
}
