// Command dwpgen generates Go from a JSON Schema.
//
//	dwpgen -schema schema/dwp.json -target client|wire|server|types -package NAME -out FILE
//	       [-check] [-strict] [-root NAME] [-unknown ignore|keep|reject] [-formats assert|annotate]
//	       [-infer-type] [-schema FILE]... [-map URI=FILE]... [-names FILE]
//	dwpgen docs -schema schema/dwp.json -out FILE [-names FILE] [-check]
//	dwpgen breaking -against OLD [-accept FILE] [-names FILE] [-json] NEW
//
// It writes the types to FILE and their codecs to files beside it: for zz_generated.go those are
// zz_generated_json.go and zz_generated_msgpack.go. It removes such a file of an earlier run if it
// is no longer generated. It writes only if the whole schema is sound; otherwise it prints every
// problem with its file, line, column and JSON pointer and exits with 1. With -check it writes
// nothing and exits with 1, printing a diff, if a file is stale.
//
// Docs writes the reference of the protocol, in Markdown, by the same rules.
//
// Breaking says of each change from the schema OLD to NEW what it breaks on the wire and in Go,
// with a document that proves it, and exits with 1 if anything may break that FILE does not accept.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status, 2 for a wrong command line.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] {
		case "breaking":
			return runBreaking(args[1:], stdout, stderr)
		case "docs":
			return runDocs(args[1:], stdout, stderr)
		}
	}
	flags := flag.NewFlagSet("dwpgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var cfg gen.Config
	flags.Var(schemas{&cfg}, "schema", "the schema's `file`; given again, of a further schema whose types go into the same package")
	flags.Func("map", "`URI=FILE` that it stands for; a URI that ends in a slash has a directory", func(text string) error {
		uri, name, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("it has no =")
		}
		if cfg.Map == nil {
			cfg.Map = map[string]string{}
		}
		cfg.Map[uri] = name
		return nil
	})
	flags.StringVar(&cfg.Names, "names", "", namesUsage)
	flags.TextVar(&cfg.Target, "target", gen.Target(""), "what to generate: `client, wire, server or types`")
	flags.StringVar(&cfg.Package, "package", "", "the `name` of the generated file's package")
	flags.StringVar(&cfg.Out, "out", "", "the `file` to write")
	flags.StringVar(&cfg.Root, "root", "", "the `name` of the type of the document itself; by default it is the file's, if the document says what is valid")
	flags.TextVar(&cfg.Unknown, "unknown", gen.Ignore, "what to do with members that a schema does not name: `ignore, keep or reject`")
	flags.TextVar(&cfg.Formats, "formats", gen.Assert, "what format and contentEncoding say: `assert or annotate`")
	flags.BoolVar(&cfg.InferType, "infer-type", false, "take a schema without a type for one of the type that its keywords are about, with a note")
	flags.BoolVar(&cfg.Strict, "strict", false, "refuse keywords of no dialect")
	check := flags.Bool("check", false, "write nothing; fail with a diff if a file is stale")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "dwpgen: %q is not a flag\n", flags.Arg(0))
		return 2
	}
	if names := missing(flags, "schema", "target", "package", "out"); len(names) > 0 {
		fmt.Fprintf(stderr, "dwpgen: -%s is missing\n", strings.Join(names, ", -"))
		return 2
	}
	out, err := gen.Generate(cfg)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return finish(out, *check, stdout, stderr)
}

const namesUsage = `a JSON ` + "`file`" + ` that says of places in the schemas what they do not: {"POINTER or FILE#POINTER": {"name": "GoName", "unchecked": ["pattern"]}, …: {"skip": true}}`

// schemas is the flag for the schemas' files, of which the first is the main one.
type schemas struct{ cfg *gen.Config }

// String returns the first file.
func (s schemas) String() string {
	if s.cfg == nil {
		return ""
	}
	return s.cfg.Schema
}

// Set adds a file.
func (s schemas) Set(name string) error {
	if s.cfg.Schema == "" {
		s.cfg.Schema = name
	} else {
		s.cfg.Others = append(s.cfg.Others, name)
	}
	return nil
}

// missing returns the names of the flags that are empty.
func missing(flags *flag.FlagSet, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return flags.Lookup(name).Value.String() != "" })
}

// finish writes what was generated, or with check compares it with the file on disk.
func finish(out *gen.Output, check bool, stdout, stderr io.Writer) int {
	for _, note := range out.Notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	if !check {
		if err := out.Write(); err != nil {
			fmt.Fprintln(stderr, "dwpgen:", err)
			return 1
		}
		return 0
	}
	diff, err := out.Diff()
	if err != nil {
		fmt.Fprintln(stderr, "dwpgen:", err)
		return 1
	}
	if diff != "" {
		fmt.Fprint(stdout, diff)
		fmt.Fprintf(stderr, "dwpgen: %s is stale: run go generate ./...\n", out.Files[0].Name)
		return 1
	}
	return 0
}
