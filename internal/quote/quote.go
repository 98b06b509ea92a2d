// Package quote shortens what errors quote of their input.
package quote

import "unicode/utf8"

// mostBytes is how many bytes of a path, or of another thing that the input chooses, an error's
// text quotes.
const mostBytes = 128

// Shorten leaves out the middle of a text that is too long to be quoted. The end is where the fault
// is.
func Shorten(text string) string {
	if len(text) <= mostBytes {
		return text
	}
	head, tail := mostBytes/2, len(text)-mostBytes/2
	for head > 0 && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text) && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return text[:head] + "…" + text[tail:]
}
