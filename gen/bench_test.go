package gen_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// BenchmarkGenerate shows how time and memory grow with the schema: linearly.
func BenchmarkGenerate(b *testing.B) {
	for _, n := range []int{500, 1000, 2000} {
		b.Run(fmt.Sprintf("%d definitions", n), func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "schema.json")
			if err := os.WriteFile(name, []byte(large(n)), 0o644); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				out, err := gen.Generate(gen.Config{Schema: name, Target: "types", Package: "large", Out: filepath.Join(b.TempDir(), "large.go")})
				if err != nil {
					b.Fatal(err)
				}
				size := 0
				for _, f := range out.Files {
					size += len(f.Data)
				}
				b.ReportMetric(float64(size)/float64(n), "bytes/definition")
			}
		})
	}
}

// large is a schema of n definitions that refer to each other: messages of ten
// members, an enum and a union for every ten of them.
func large(n int) string {
	var s strings.Builder
	s.WriteString(`{"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {`)
	for i := range n {
		if i > 0 {
			s.WriteString(",\n")
		}
		switch i % 10 {
		case 8:
			fmt.Fprintf(&s, `"State%d": {"type": "string", "enum": ["a%[1]d", "b%[1]d", "c%[1]d"]}`, i)
		case 9:
			fmt.Fprintf(&s, `"Any%d": {"oneOf": [{"$ref": "#/$defs/Message%d"}, {"$ref": "#/$defs/Message%d"}]}`, i, i-9, i-8)
		default:
			fmt.Fprintf(&s, `"Message%d": {"title": "the message number %[1]d", "type": "object", "properties": {
				"kind": {"const": "message%[1]d"}, "id": {"type": "string", "minLength": 1}, "at": {"type": "string", "format": "date-time"},
				"count": {"type": "integer", "minimum": 0}, "ratio": {"type": "number"}, "tags": {"type": "array", "items": {"type": "string"}},
				"labels": {"type": "object", "additionalProperties": {"type": "string"}}, "state": {"$ref": "#/$defs/State%d"},
				"next": {"$ref": "#/$defs/Message%d"}, "payload": {}}, "required": ["kind", "id"]}`, i, i-i%10+8, (i-i%10)+(i+1)%8)
		}
	}
	s.WriteString("}}")
	return s.String()
}
