package emit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A model that cannot be printed is a bug of this package.

var (
	formatError = regexp.MustCompile(`(\d+):\d+: (.*?)(?: \(and \d+ more errors\))? while formatting source:`)
	declaration = regexp.MustCompile(`^(?:func(?: \([^)]*\))?|type|var|const) (\w+)`)
)

// misprint is the error for it. It names the declaration that is not Go, and leaves out the file,
// which jennifer quotes.
func misprint(what string, err error) error {
	text, at := err.Error(), ""
	if m := formatError.FindStringSubmatch(text); m != nil {
		_, file, _ := strings.Cut(text, "\n")
		lines := strings.Split(file, "\n")
		line, _ := strconv.Atoi(m[1])
		for i := min(line, len(lines)) - 1; i >= 0 && at == ""; i-- {
			if d := declaration.FindStringSubmatch(strings.TrimSpace(lines[i])); d != nil {
				at = " at " + d[1]
			}
		}
		err = fmt.Errorf("%s", m[2])
	}
	return fmt.Errorf("a bug of dwpgen, worth a report with the schema: printing %s%s: %w", what, at, err)
}
