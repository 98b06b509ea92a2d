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
	var all FileResult
	for _, f := range files {
		all.add(f)
	}
	fmt.Fprintf(&b, "Revision %s of the suite: of %d tests %d pass, %d are untyped, %d are refused, %d fail.\n",
		revision, all.Pass+all.Untyped+all.Refused+all.Failed, all.Pass, all.Untyped, all.Refused, all.Failed)
	for _, dialect := range Dialects {
		fmt.Fprintf(&b, "\n### %s\n\n| File | Groups | Pass | Untyped | Refused | Fail | Refused because |\n|---|--:|--:|--:|--:|--:|---|\n", dialect)
		var sum FileResult
		for _, f := range files {
			if f.Dialect != dialect {
				continue
			}
			slices.Sort(f.Refusals)
			reasons := strings.ReplaceAll(strings.Join(f.Refusals, "; "), "|", `\|`)
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %s |\n", f.Name, f.Groups, f.Pass, f.Untyped, f.Refused, f.Failed, reasons)
			sum.add(f)
		}
		fmt.Fprintf(&b, "| all | %d | %d | %d | %d | %d | |\n", sum.Groups, sum.Pass, sum.Untyped, sum.Refused, sum.Failed)
	}
	return b.String()
}

// add adds the counts of another result.
func (f *FileResult) add(other *FileResult) {
	f.Groups, f.Pass, f.Untyped = f.Groups+other.Groups, f.Pass+other.Pass, f.Untyped+other.Untyped
	f.Refused, f.Failed = f.Refused+other.Refused, f.Failed+other.Failed
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
