package codec

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestErrorsQuoteBoundedPaths(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 500) + "x" + strings.Repeat("]", 500)
	for name, test := range map[string]struct{ text, start, end string }{
		"deep":      {deep, " at /0/0/0/", "/0/0/0 (offset 500)"},
		"long name": {`{"begin` + strings.Repeat("é", 100_000) + `end":x}`, " at /begin", "end (offset 200012)"},
	} {
		s := NewScanner([]byte(test.text))
		s.Skip()
		err := s.End()
		var where *Error
		if !errors.As(err, &where) || len(where.Pointer) < 900 {
			t.Fatalf("%s: %v", name, err)
		}
		text := err.Error()
		if len(text) > 256 || !utf8.ValidString(text) || !strings.Contains(text, test.start) || !strings.HasSuffix(text, test.end) {
			t.Errorf("%s: %d bytes: %s", name, len(text), text)
		}
	}
}

func TestErrorsQuoteBoundedDetails(t *testing.T) {
	t.Parallel()
	err := &Error{Kind: ErrUnknown, Detail: strings.Repeat("é", 100_000)}
	if text := err.Error(); len(text) > 256 || !utf8.ValidString(text) {
		t.Errorf("%d bytes: %.300s", len(text), text)
	}
	short := &Error{Kind: ErrUnknown, Pointer: "/" + strings.Repeat("a", 100), Detail: strings.Repeat("b", 100)}
	if want := "unknown member: " + short.Detail + " at " + short.Pointer + " (offset 0)"; short.Error() != want {
		t.Errorf("%s, want %s", short, want)
	}
}
