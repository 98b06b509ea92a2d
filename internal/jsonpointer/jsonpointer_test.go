package jsonpointer

import "testing"

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"": "", "a": "a", "a/b": "a~1b", "~": "~0", "~1": "~01", "/~0/": "~1~00~1"} {
		if got := Escape(name); got != token {
			t.Errorf("%q escapes as %q, want %q", name, got, token)
		}
		if got := Unescape(token); got != name {
			t.Errorf("%q unescapes as %q, want %q", token, got, name)
		}
	}
}
