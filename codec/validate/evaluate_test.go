package validate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/codec"
)

// TestSchemasAllowWhatTheyDo has a schema for each keyword, what it allows and what it does not,
// with the violation.
func TestSchemasAllowWhatTheyDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		schemas, valid, invalid, violation string
	}{
		"false":             {`[{"properties":{"a":false}}]`, `{"b":1}`, `{"a":1}`, "/a: is not allowed (false)"},
		"a ref":             {`[{"items":{"$ref":1}},{"type":["string"]}]`, `["a"]`, `[1]`, "/0: is of another type (type)"},
		"integers":          {`[{"type":["integer"]}]`, `1.0`, `1.5`, "is of another type (type)"},
		"values":            {`[{"enum":[{"a":[1,null]}]}]`, `{"a":[1.0,null]}`, `{"a":[1]}`, "is not one of the values (enum)"},
		"bounds":            {`[{"minimum":1,"exclusiveMaximum":3}]`, `1`, `3`, "not below 3 (exclusiveMaximum)"},
		"multiples":         {`[{"multipleOf":0.1}]`, `0.3`, `0.35`, "is not a multiple of 0.1 (multipleOf)"},
		"lengths":           {`[{"minLength":2}]`, `"éé"`, `"é"`, "fewer than 2 (minLength)"},
		"patterns":          {`[{"pattern":"^a"}]`, `"ab"`, `"ba"`, "does not match ^a (pattern)"},
		"formats":           {`[{"format":"uuid"}]`, `1`, `"x"`, "is not a valid uuid (format)"},
		"base64":            {`[{"format":"base64"}]`, `"YQ=="`, `"a"`, "is not a valid base64 (format)"},
		"allOf":             {`[{"allOf":[{"minimum":1},{"maximum":2}]}]`, `1`, `3`, "above 2 (maximum)"},
		"anyOf":             {`[{"anyOf":[{"minimum":5},{"maximum":2}]}]`, `1`, `3`, "none of the alternatives is valid (anyOf)"},
		"oneOf":             {`[{"oneOf":[{"minimum":5},{"minimum":2}]}]`, `3`, `6`, "2 of the alternatives are valid, not one (oneOf)"},
		"not":               {`[{"not":{"type":["null"]}}]`, `1`, `null`, "is what the schema rules out (not)"},
		"then":              {`[{"if":{"minimum":5},"then":{"maximum":7},"else":{"maximum":2}}]`, `6`, `8`, "above 7 (maximum)"},
		"else":              {`[{"if":{"minimum":5},"then":{"maximum":7},"else":{"maximum":2}}]`, `2`, `3`, "above 2 (maximum)"},
		"tuples":            {`[{"prefixItems":[{"type":["string"]}],"items":false}]`, `["a"]`, `["a",1]`, "/1: is not allowed (false)"},
		"contains":          {`[{"contains":{"minimum":5},"minContains":0,"maxContains":1}]`, `[1]`, `[5,6]`, "2 of the items are what it must contain (contains)"},
		"counts":            {`[{"maxItems":1,"minProperties":1}]`, `[1]`, `{}`, "fewer than 1 (minProperties)"},
		"unique items":      {`[{"uniqueItems":true}]`, `[1,"1",[1],{"a":1}]`, `[{"a":1,"b":2},{"b":2.0,"a":1}]`, "/1: is equal to another item (uniqueItems)"},
		"unevaluated items": {`[{"anyOf":[{"prefixItems":[true]}],"contains":{"minimum":9},"unevaluatedItems":false}]`, `[1,9]`, `[1,9,2]`, "/2: is not allowed (false)"},
		"required members":  {`[{"required":["a"]}]`, `{"a":null}`, `{}`, "lacks a (required)"},
		"patterns of names": {`[{"properties":{"b":true},"patternProperties":{"^a":{"minimum":1}},"additionalProperties":false}]`, `{"a":1,"b":0}`, `{"ab":0}`, "/ab: below 1 (minimum)"},
		"other members":     {`[{"properties":{"b":true},"additionalProperties":false}]`, `{"b":0}`, `{"c":0}`, "/c: is not allowed (false)"},
		"names":             {`[{"propertyNames":{"maxLength":1}}]`, `{"a":1}`, `{"ab":1}`, "/ab: has a name that is not allowed (propertyNames)"},
		"dependent members": {`[{"dependentRequired":{"a":["b"]}}]`, `{"a":1,"b":1}`, `{"a":1}`, "has a and lacks b (dependentRequired)"},
		"dependent schemas": {`[{"dependentSchemas":{"a":{"maxProperties":1}}}]`, `{"b":1,"c":1}`, `{"a":1,"b":1}`, "more than 1 (maxProperties)"},
		"unevaluated members": {
			`[{"properties":{"a":true},"if":{"properties":{"b":{"minimum":1}},"required":["b"]},"unevaluatedProperties":false}]`,
			`{"a":1,"b":1}`, `{"a":1,"b":0}`, "/b: is not allowed (false)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schemas := NewSchemas(test.schemas)
			if err := schemas.Check(0, []byte(test.valid)); err != nil {
				t.Errorf("%s: %v", test.valid, err)
			}
			err := schemas.Check(0, []byte(test.invalid))
			if err == nil {
				t.Fatalf("%s is valid", test.invalid)
			}
			if diff := cmp.Diff(test.violation, err.Error()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.invalid, diff)
			}
		})
	}
}

func TestScanJudgesTheNextValueAndReadsNothing(t *testing.T) {
	t.Parallel()
	schemas := NewSchemas(`[{"type":["string"]}]`)
	s := codec.NewScanner([]byte(`["a", 1]`))
	s.Array()
	s.Element()
	if !schemas.Scan(&s, 0) {
		t.Fatalf("a string is refused: %v", s.Err())
	}
	if text, _ := s.Text(); string(text) != "a" {
		t.Errorf("the string reads as %q after it was judged", text)
	}
	s.Element()
	if schemas.Scan(&s, 0) {
		t.Error("a number is a string")
	}
	want := "value not allowed: is of another type (type) at /1 (offset 6)"
	if err := s.Err(); err == nil || err.Error() != want {
		t.Errorf("%v, not %s", err, want)
	}
}
