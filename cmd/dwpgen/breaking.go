package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/xraph/dispatch/gen"
)

// runBreaking is the command breaking. Its exit status is 0 if every change is compatible or
// accepted, 1 if one is not, 2 if the schemas could not be compared.
func runBreaking(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dwpgen breaking", flag.ContinueOnError)
	flags.SetOutput(stderr)
	against := flags.String("against", "", "the old schema's `file`")
	accept := flags.String("accept", "", "a `file` that lists changes made on purpose: [{\"pointer\", \"what\"?, \"reason\"}]")
	names := flags.String("names", "", namesUsage)
	asJSON := flags.Bool("json", false, "print the report as JSON")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: dwpgen breaking -against OLD [-accept FILE] [-names FILE] [-json] NEW")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *against == "" || flags.NArg() != 1 {
		flags.Usage()
		return 2
	}
	report, err := gen.Breaking(gen.BreakingConfig{Old: *against, New: flags.Arg(0), Accepted: *accept, Names: *names})
	if err != nil {
		fmt.Fprintln(stderr, "dwpgen breaking:", err)
		return 2
	}
	write := report.WriteText
	if *asJSON {
		write = report.WriteJSON
	}
	if err := write(stdout); err != nil {
		fmt.Fprintln(stderr, "dwpgen breaking:", err)
		return 2
	}
	if report.Harmful() > 0 {
		return 1
	}
	return 0
}
