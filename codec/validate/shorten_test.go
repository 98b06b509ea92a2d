package validate

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestViolationsQuoteBoundedPointers(t *testing.T) {
	t.Parallel()
	violation := Violation{Pointer: "/begin" + strings.Repeat("é", 100_000), Keyword: "type", Detail: "is no string"}
	text := violation.String()
	if len(text) > 256 || !utf8.ValidString(text) || !strings.HasPrefix(text, "/begin") || !strings.HasSuffix(text, ": is no string (type)") {
		t.Errorf("%d bytes: %.300s", len(text), text)
	}
}
