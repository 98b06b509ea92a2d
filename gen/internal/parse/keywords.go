package parse

import (
	"maps"
	"slices"
)

// Supported lists the keywords of the dialects and of the vocabulary that are read, sorted.
func Supported() []string {
	all := slices.Collect(maps.Keys(keywords))
	return slices.Sorted(slices.Values(append(all, slices.Collect(maps.Keys(rootKeywords))...)))
}

// Refused lists the keywords of the dialects that are refused, with what to write instead.
func Refused() map[string]string { return maps.Clone(refused) }
