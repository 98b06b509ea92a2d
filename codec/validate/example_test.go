package validate_test

import (
	"fmt"

	"github.com/xraph/dispatch/codec/validate"
)

// Violations are listed all at once.
func ExampleViolations() {
	var v validate.Violations
	v.Add("minLength", "the string is empty", "name")
	v.Add("maximum", "300 is above 255", "sizes", 2)
	fmt.Println(v.Err())
	// Output:
	// /name: the string is empty (minLength)
	// /sizes/2: 300 is above 255 (maximum)
}
