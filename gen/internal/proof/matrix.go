package proof

import (
	"fmt"
	"slices"
	"strings"
)

// Matrix is the result of the suite as a Markdown table for each dialect.
func Matrix(files []*FileResult, revision string) string {
	var b strings.Builder
	if revision == "" {
		revision = "unknown"
	}
	var pass, refused, failed int
	for _, f := range files {
		pass, refused, failed = pass+f.Pass, refused+f.Refused, failed+f.Failed
	}
	fmt.Fprintf(&b, "Revision %s of the suite: of %d tests %d pass, %d are of refused schemas, %d fail.\n",
		revision, pass+refused+failed, pass, refused, failed)
	for _, dialect := range Dialects {
		fmt.Fprintf(&b, "\n### %s\n\n| File | Groups | Pass | Refused | Fail | Refused because |\n|---|--:|--:|--:|--:|---|\n", dialect)
		var sum FileResult
		for _, f := range files {
			if f.Dialect != dialect {
				continue
			}
			slices.Sort(f.Refusals)
			reasons := strings.ReplaceAll(strings.Join(f.Refusals, "; "), "|", `\|`)
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s |\n", f.Name, f.Groups, f.Pass, f.Refused, f.Failed, reasons)
			sum.Groups, sum.Pass, sum.Refused, sum.Failed = sum.Groups+f.Groups, sum.Pass+f.Pass, sum.Refused+f.Refused, sum.Failed+f.Failed
		}
		fmt.Fprintf(&b, "| all | %d | %d | %d | %d | |\n", sum.Groups, sum.Pass, sum.Refused, sum.Failed)
	}
	return b.String()
}

// Replace puts a text between the comments <!-- name --> and <!-- /name --> of a document.
func Replace(document, name, text string) (string, error) {
	open, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	before, rest, found := strings.Cut(document, open)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", fmt.Errorf("the document has no %s … %s", strings.TrimSpace(open), end)
	}
	return before + open + "\n" + strings.TrimSpace(text) + "\n\n" + end + after, nil
}
