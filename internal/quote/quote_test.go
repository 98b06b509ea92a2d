package quote

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "short", strings.Repeat("x", mostBytes)} {
		if got := Shorten(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for size := mostBytes + 1; size < mostBytes+20; size++ {
		text := "begin" + strings.Repeat("é", size) + "end"
		got := Shorten(text)
		if len(got) > mostBytes+len("…") || !utf8.ValidString(got) || !strings.HasPrefix(got, "begin") || !strings.HasSuffix(got, "end") {
			t.Errorf("%d bytes: %q", len(got), got)
		}
	}
}
