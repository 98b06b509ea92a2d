package validate

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestViolationsOfPartsPointIntoTheWhole(t *testing.T) {
	t.Parallel()
	var part, whole Violations
	whole.Nest(part.Err(), "none")
	if whole.Err() != nil {
		t.Errorf("no violations are the error %v", whole.Err())
	}
	part.Add("minLength", "shorter than 1", "na/me")
	part.Add("required", "lacks id")
	whole.Add("maximum", "above 9", "size")
	whole.Nest(part.Err(), "items", 3)
	whole.Nest(errors.New("not as it should be"), "other")
	want := Violations{
		{"/size", "maximum", "above 9"},
		{"/items/3/na~1me", "minLength", "shorter than 1"},
		{"/items/3", "required", "lacks id"},
		{"/other", "", "not as it should be"},
	}
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
