package parse

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// document reads the schemas of one file.
type document struct {
	*loader
	file    *source.File
	dialect Dialect
	uri     string
	// resources are the schemas with URIs of their own, the root first, by their values.
	resources map[*source.Value]*resource
}

// schema reads the schema at v, once: a $ref may lead to a place
// before or after the keyword that holds it.
func (d *document) schema(v *source.Value) *Schema {
	if s := d.schemas[v]; s != nil {
		return s
	}
	s := &Schema{Value: v}
	d.schemas[v] = s
	over := d.patches[v]
	switch {
	case over != nil && over.skip != nil: // whatever it says
		s.Always, s.Ext.Skip = &anything, over.skip
	case v.Kind == source.Bool:
		s.Always = &v.True
	case v.Kind == source.Object:
		d.object(s)
	default:
		d.problems.Add(v, "a schema is an object, true or false", "expected a schema, not %s", v.Kind)
	}
	if over != nil && over.name != nil {
		s.Ext.GoName = over.name
	}
	return s
}

var anything = true

// besideRef are the keywords that are read beside a $ref in the dialects in which a $ref stands
// alone: they do not change what is valid. Definitions can be referred to there as anywhere.
var besideRef = map[string]bool{"definitions": true, "$defs": true, "title": true, "description": true, "deprecated": true, "default": true, "examples": true}

func (d *document) object(s *Schema) {
	d.identify(s)
	ref := s.Value.Member("$ref")
	if ref != nil {
		s.Ref = d.ref(ref)
	}
	for _, m := range s.Value.Members {
		if ref != nil && d.dialect.refStandsAlone() && !besideRef[m.Name] && !strings.HasPrefix(m.Name, "x-dwp-") {
			continue
		}
		d.read(s, m.Name, m.Value)
	}
}

func (d *document) want(v *source.Value, kind source.Kind) bool {
	if v.Kind == kind {
		return true
	}
	d.problems.Add(v, "write "+kind.String(), "%s is %s", v.Token(), v.Kind)
	return false
}

func (d *document) text(v *source.Value) string {
	d.want(v, source.String)
	return v.Text
}

func (d *document) truth(v *source.Value) bool {
	d.want(v, source.Bool)
	return v.True
}

func (d *document) array(v *source.Value) []*source.Value {
	d.want(v, source.Array)
	return v.Items
}

func (d *document) namedSchemas(v *source.Value) []Named {
	if !d.want(v, source.Object) {
		return nil
	}
	out := make([]Named, 0, len(v.Members))
	for _, m := range v.Members {
		out = append(out, Named{m.Name, d.schema(m.Value)})
	}
	return out
}

func (d *document) list(v *source.Value) []*Schema {
	items := d.array(v)
	out := make([]*Schema, 0, len(items))
	for _, item := range items {
		out = append(out, d.schema(item))
	}
	return out
}

func (d *document) branches(v *source.Value) []*Schema {
	if d.want(v, source.Array) && len(v.Items) == 0 {
		d.problems.Add(v, "give it a branch", "%s is empty", v.Token())
	}
	return d.list(v)
}

var typeNames = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

func (d *document) types(v *source.Value) []string {
	list := []*source.Value{v}
	if v.Kind == source.Array {
		if list = v.Items; len(list) == 0 {
			d.problems.Add(v, "name a type", "type is empty")
		}
	}
	var out []string
	for _, t := range list {
		switch {
		case t.Kind != source.String || !slices.Contains(typeNames, t.Text):
			d.problems.Add(t, "it is one of "+strings.Join(typeNames, ", "), "%s is not a type", t.JSON())
		case slices.Contains(out, t.Text):
			d.problems.Add(t, "name it once", "the type %s is listed twice", t.Text)
		default:
			out = append(out, t.Text)
		}
	}
	return out
}

func (d *document) enum(v *source.Value) []*source.Value {
	if !d.want(v, source.Array) {
		return nil
	}
	if len(v.Items) == 0 {
		return []*source.Value{} // no value is valid
	}
	seen := map[string]bool{}
	for _, item := range v.Items {
		text := item.JSON()
		if seen[text] {
			d.problems.Add(item, "list it once", "the value %s is listed twice", text)
		}
		seen[text] = true
	}
	return v.Items
}

func (d *document) number(v *source.Value) *source.Value {
	if !d.want(v, source.Number) {
		return nil
	}
	return v
}

func (d *document) positive(v *source.Value) *source.Value {
	if !d.want(v, source.Number) {
		return nil
	}
	if strings.Trim(strings.FieldsFunc(v.Text, func(r rune) bool { return r == 'e' || r == 'E' })[0], "0.") == "" || v.Text[0] == '-' {
		d.problems.Add(v, "write a number above 0", "%s is %s", v.Token(), v.Text)
		return nil
	}
	return v
}

// exclusive reads exclusiveMinimum and exclusiveMaximum, which draft-04 has as
// booleans that sharpen minimum and maximum.
func (d *document) exclusive(s *Schema, v *source.Value) {
	inclusive, bound := "minimum", &s.ExclusiveMinimum
	if v.Token() == "exclusiveMaximum" {
		inclusive, bound = "maximum", &s.ExclusiveMaximum
	}
	if d.dialect != Draft4 {
		*bound = d.number(v)
		return
	}
	if !d.truth(v) {
		return
	}
	if *bound = s.Value.Member(inclusive); *bound == nil {
		d.problems.Add(v, "add "+inclusive, "%s is used without %s", v.Token(), inclusive)
	}
}

func (d *document) count(v *source.Value) *Count {
	if !d.want(v, source.Number) {
		return nil
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil {
		// 2.0 is an integer too; anything longer than this is not a length.
		if r, ok := new(big.Rat).SetString(v.Text); ok && len(v.Text) < 20 && r.IsInt() && r.Num().IsInt64() {
			n, err = int(r.Num().Int64()), nil
		}
	}
	if err != nil || n < 0 {
		d.problems.Add(v, "write an integer that is not negative", "%s is %s", v.Token(), v.Text)
		return nil
	}
	return &Count{v, n}
}

func (d *document) pattern(s *Schema, v *source.Value) {
	if d.want(v, source.String) && !d.isUnchecked(s, v) {
		d.checkPattern(v, v.Text)
		s.Pattern = v
	}
}

func (d *document) checkPattern(v *source.Value, pattern string) {
	if _, err := RE2(pattern); err != nil {
		d.problems.Add(v, `RE2 has no look-around and no back-references: write it without, or leave it unchecked with x-dwp-unchecked or an overlay`,
			"the pattern %s does not compile", source.Quote(pattern))
	}
}

// isUnchecked reports whether x-dwp-unchecked or the overlay lists a keyword of a schema.
func (d *document) isUnchecked(s *Schema, keyword *source.Value) bool {
	var listed []*source.Value
	if list := s.Value.Member("x-dwp-unchecked"); list != nil {
		listed = list.Items
	}
	if over := d.patches[s.Value]; over != nil {
		listed = slices.Concat(over.unchecked, listed)
	}
	i := slices.IndexFunc(listed, func(v *source.Value) bool { return v.Text == keyword.Token() })
	if i >= 0 {
		d.applied[listed[i]] = true
	}
	return i >= 0
}

// uncheckable reads a list of keywords that are not to be checked.
func (d *document) uncheckable(v *source.Value) []*source.Value {
	return slices.DeleteFunc(d.names(v), func(name *source.Value) bool {
		wrong := name.Text != "pattern" && name.Text != "patternProperties"
		if wrong {
			d.problems.Add(name, "it lists pattern or patternProperties", "%s cannot be left unchecked", source.Quote(name.Text))
		}
		return wrong
	})
}

func (d *document) items(s *Schema, v *source.Value) {
	if v.Kind == source.Array && d.dialect.arrayItems() {
		s.PrefixItems = d.list(v)
		return
	}
	if v.Kind == source.Array {
		d.problems.Add(v, "use prefixItems for the items of a tuple", "items is an array")
		return
	}
	s.Items = d.schema(v)
}

func (d *document) additionalItems(s *Schema, v *source.Value) {
	if items := s.Value.Member("items"); items != nil && items.Kind == source.Array {
		s.Items = d.schema(v)
	}
}

func (d *document) required(s *Schema, v *source.Value) { s.Required = d.names(v) }

// names reads an array of strings, each once.
func (d *document) names(v *source.Value) []*source.Value {
	if !d.want(v, source.Array) {
		return nil
	}
	seen := map[string]bool{}
	var out []*source.Value
	for _, item := range v.Items {
		switch {
		case item.Kind != source.String:
			d.problems.Add(item, "write the member's name", "%s holds %s", v.Token(), item.Kind)
		case seen[item.Text]:
			d.problems.Add(item, "name it once", "%s names %s twice", v.Token(), source.Quote(item.Text))
		default:
			out = append(out, item)
		}
		seen[item.Text] = true
	}
	return out
}

func (d *document) patternProperties(s *Schema, v *source.Value) {
	s.PatternProperties = d.namedSchemas(v)
	unchecked := d.isUnchecked(s, v)
	for i, p := range s.PatternProperties {
		if _, err := RE2(p.Name); err == nil || !unchecked {
			d.checkPattern(p.Schema.Value, p.Name)
			continue
		}
		// Any name may be one of the pattern's, whose schema holds for all if there are no others.
		closed := s.Value.Member("additionalProperties")
		if len(s.PatternProperties) > 1 || s.Value.Member("properties") != nil || closed == nil || closed.Kind != source.Bool || closed.True {
			p.Schema = &Schema{Value: p.Schema.Value, Always: &anything}
		}
		s.PatternProperties[i] = Named{"", p.Schema}
	}
}

// dependencies reads dependentRequired, and draft-07's dependencies, which have schemas too.
func (d *document) dependencies(s *Schema, v *source.Value) {
	if !d.want(v, source.Object) {
		return
	}
	for _, m := range v.Members {
		if m.Value.Kind != source.Array && v.Token() == "dependencies" {
			s.DependentSchemas = append(s.DependentSchemas, Named{m.Name, d.schema(m.Value)})
			continue
		}
		s.DependentRequired = append(s.DependentRequired, Dependency{m.Name, d.names(m.Value)})
	}
}

// discriminator reads OpenAPI's keyword as far as it names a member; elsewhere
// a keyword of this name is an annotation.
func (d *document) discriminator(s *Schema, v *source.Value) {
	if name := v.Member("propertyName"); name != nil && name.Kind == source.String {
		s.Discriminator = name.Text
		return
	}
	d.annotations.Add(v, "", "the keyword discriminator names no propertyName and is taken for an annotation")
}

// nearest lists the keywords of the vocabulary that resemble a name, or all.
func nearest(name string) string {
	all := slices.Sorted(maps.Keys(rootKeywords))
	for k := range keywords {
		if strings.HasPrefix(k, "x-dwp-") {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	var like []string
	for _, k := range all {
		if distance(k, name) <= 2 {
			like = append(like, k)
		}
	}
	if len(like) > 0 {
		return strings.Join(like, ", ")
	}
	return strings.Join(all, ", ")
}

// distance is the number of edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
