// Package validate collects the demands of a schema that a value does not meet, and checks the
// values that generated Validate methods pass to it: lengths, counts, patterns, formats, multiples
// and unique items. Only generated code calls the checks; programs read [Violations].
package validate
