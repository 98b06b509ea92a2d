package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/xraph/dispatch/gen"
)

// runDocs is the command docs. Its exit status is 0, 1 if the schema is not sound
// or the file stale, 2 for a wrong command line.
func runDocs(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dwpgen docs", flag.ContinueOnError)
	flags.SetOutput(stderr)
	schema := flags.String("schema", "", "the schema's `file`")
	names := flags.String("names", "", namesUsage)
	file := flags.String("out", "", "the Markdown `file` to write")
	check := flags.Bool("check", false, "write nothing; fail with a diff if the file is stale")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: dwpgen docs -schema FILE -out FILE [-names FILE] [-check]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *schema == "" || *file == "" || flags.NArg() > 0 {
		flags.Usage()
		return 2
	}
	out, err := gen.Docs(gen.DocsConfig{Schema: *schema, Names: *names, Out: *file})
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return finish(out, *check, stdout, stderr)
}
