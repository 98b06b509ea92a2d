package codec

import "unicode/utf8"

// quotedMost is how many bytes of a path, or of another thing that the input chooses, an error's text quotes.
const quotedMost = 128

// shorten leaves out the middle of a text that is too long to be quoted. The end is where the fault is.
func shorten(text string) string {
	if len(text) <= quotedMost {
		return text
	}
	head, tail := quotedMost/2, len(text)-quotedMost/2
	for head > 0 && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text) && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return text[:head] + "…" + text[tail:]
}
