package parse

import (
	"regexp"
	"testing"
)

func TestPatternsMeanWhatECMAScriptSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern      string
		match, other []string
	}{
		{`^\s$`, []string{" ", "\u00a0", "\ufeff", "\v", "\u2029", "\u3000"}, []string{"a", "\u200b", ""}},
		{`^\S$`, []string{"a", "\u200b", "é"}, []string{" ", "\u00a0", "\ufeff"}},
		{`^[\s_]$`, []string{"\u2003", "_"}, []string{"s", "a"}},
		{`^[\S ]$`, []string{" ", "a", "\U0001F600"}, []string{"\t", "\u00a0"}},
		{`^[^\S ]$`, []string{"\t", "\u00a0"}, []string{" ", "a"}},
		{`^.$`, []string{"a", "\u0085", "\U0001F600"}, []string{"\n", "\r", "\u2028", "\u2029"}},
		{`^[.]$`, []string{"."}, []string{"a"}},
		{`^\u0041\u{1F600}\uD83D\uDE00$`, []string{"A\U0001F600\U0001F600"}, []string{"A"}},
		{`^\cJ\0\x41$`, []string{"\n\x00A"}, []string{"cJ0A"}},
		{`^[\b]$`, []string{"\b"}, []string{"b"}},
		{`^[[:alpha:]]$`, []string{"a]", "[]", ":]"}, []string{"b", "z]"}},
		{`^[^]$`, []string{"\n", "a"}, []string{"", "ab"}},
		{`^[]$`, nil, []string{"", "a", "]"}},
		{`^\p{Letter}\p{Script=Greek}\P{L}$`, []string{"aβ1"}, []string{"1β1", "aaa"}},
		{`^\d\w\/\é$`, []string{"1_/é"}, []string{"٣_/é"}},
		{`^(?<year>\d{4})-\d\d$`, []string{"2026-11"}, []string{"26-11"}},
		{`^a|b$`, []string{"a", "xb"}, []string{"xa", "b\n"}},
	} {
		out, err := RE2(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		re := regexp.MustCompile(out)
		for _, text := range test.match {
			if !re.MatchString(text) {
				t.Errorf("%s, which is %s, does not match %q", test.pattern, out, text)
			}
		}
		for _, text := range test.other {
			if re.MatchString(text) {
				t.Errorf("%s, which is %s, matches %q", test.pattern, out, text)
			}
		}
	}
	for _, pattern := range []string{`(?=a)`, `(?!a)`, `(?<=a)b`, `(a)\1`, `\k<a>`, `\uD83D`, `\u12`, `\Aa`, `a\z`, `[a`, `(`, `\`} {
		if out, err := RE2(pattern); err == nil {
			t.Errorf("%s becomes %s", pattern, out)
		}
	}
	for _, pattern := range []string{`^[a-z]+$`, `^(job|run)_[0-9a-z]{4}$`, `\d\D\w\W\b\B\n\r\t\f\v\-\.\$`} {
		if out, err := RE2(pattern); out != pattern || err != nil {
			t.Errorf("%s becomes %s, %v", pattern, out, err)
		}
	}
}
