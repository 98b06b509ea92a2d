package validate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/xraph/dispatch/codec"
)

// Schemas are the schemas that documents are held to because their Go types cannot express them: a
// not, an if, a contains. They refer to each other by their numbers. For generated code.
type Schemas struct {
	list func() []*schema
}

// NewSchemas returns the schemas of a JSON array. They have the keywords of draft 2020-12, with the
// number of a schema for a $ref. They are compiled when they are first used, and panic then if they
// are not sound. For generated code.
func NewSchemas(text string) *Schemas {
	return &Schemas{list: sync.OnceValue(func() []*schema {
		var list []*schema
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&list); err != nil {
			panic(fmt.Sprintf("validate: the schemas are not sound: %v", err))
		}
		return list
	})}
}

// Check returns what schema number i does not allow in a JSON text, as [Violations].
func (c *Schemas) Check(i int, text []byte) error {
	value, err := document(text)
	if err != nil {
		return err
	}
	e := &evaluation{list: c.list()}
	e.valid(e.list[i], value, nil, nil)
	return e.found.Err()
}

// Scan reports whether schema number i allows the value that comes next in s, which it does not
// read. If it does not, s fails with [codec.ErrValue]. What is no JSON is left to its reader.
func (c *Schemas) Scan(s *codec.Scanner, i int) bool {
	ahead := *s
	text := ahead.Raw()
	if !ahead.OK() {
		return true
	}
	s.Check(c.Check(i, text))
	return s.OK()
}

// Encoding notes what schema number i does not allow in the encoding of a value. What has no
// encoding is left to the encoder.
func (v *Violations) Encoding(c *Schemas, i int, value codec.Appender) {
	if text, err := value.AppendJSON(nil); err == nil {
		v.Nest(c.Check(i, text))
	}
}

// schema is a compiled schema.
type schema struct {
	keywords
	always  *bool
	pattern *regexp.Regexp
	named   []patternSchema
}

// patternSchema is the schema of the members whose names match a pattern.
type patternSchema struct {
	pattern *regexp.Regexp
	schema  *schema
}

// keywords are those of a schema as they are written. What is absent is nil.
type keywords struct {
	Ref   *int      `json:"$ref"`
	AllOf []*schema `json:"allOf"`
	AnyOf []*schema `json:"anyOf"`
	OneOf []*schema `json:"oneOf"`
	Not   *schema   `json:"not"`
	If    *schema   `json:"if"`
	Then  *schema   `json:"then"`
	Else  *schema   `json:"else"`

	Type []string `json:"type"`
	Enum []any    `json:"enum"`

	Minimum          json.Number `json:"minimum"`
	Maximum          json.Number `json:"maximum"`
	ExclusiveMinimum json.Number `json:"exclusiveMinimum"`
	ExclusiveMaximum json.Number `json:"exclusiveMaximum"`
	MultipleOf       json.Number `json:"multipleOf"`

	MinLength *int    `json:"minLength"`
	MaxLength *int    `json:"maxLength"`
	Pattern   *string `json:"pattern"`
	Format    string  `json:"format"`

	PrefixItems      []*schema `json:"prefixItems"`
	Items            *schema   `json:"items"`
	Contains         *schema   `json:"contains"`
	MinContains      *int      `json:"minContains"`
	MaxContains      *int      `json:"maxContains"`
	MinItems         *int      `json:"minItems"`
	MaxItems         *int      `json:"maxItems"`
	UniqueItems      bool      `json:"uniqueItems"`
	UnevaluatedItems *schema   `json:"unevaluatedItems"`

	Properties            map[string]*schema  `json:"properties"`
	PatternProperties     map[string]*schema  `json:"patternProperties"`
	AdditionalProperties  *schema             `json:"additionalProperties"`
	PropertyNames         *schema             `json:"propertyNames"`
	Required              []string            `json:"required"`
	MinProperties         *int                `json:"minProperties"`
	MaxProperties         *int                `json:"maxProperties"`
	DependentRequired     map[string][]string `json:"dependentRequired"`
	DependentSchemas      map[string]*schema  `json:"dependentSchemas"`
	UnevaluatedProperties *schema             `json:"unevaluatedProperties"`
}

// UnmarshalJSON reads a schema and compiles its patterns.
func (s *schema) UnmarshalJSON(text []byte) error {
	if text[0] != '{' {
		s.always = new(bool)
		return json.Unmarshal(text, s.always)
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	if err := dec.Decode(&s.keywords); err != nil {
		return err
	}
	var err error
	if s.Pattern != nil {
		if s.pattern, err = regexp.Compile(*s.Pattern); err != nil {
			return err
		}
	}
	for text, of := range Ordered(s.PatternProperties) {
		pattern, err := regexp.Compile(text)
		if err != nil {
			return err
		}
		s.named = append(s.named, patternSchema{pattern, of})
	}
	return nil
}

// document reads a JSON text with its numbers as they are written.
func document(text []byte) (value any, err error) {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}
