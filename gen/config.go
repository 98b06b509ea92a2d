package gen

import (
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/emit"
)

// Config says what to generate from which schema.
type Config struct {
	// Schema is the schema's file. It is required.
	Schema string
	// Others are files of further schemas, whose definitions become types of the same package. They
	// may refer to each other by $id. By default there are none.
	Others []string
	// Map has the files of URIs that schemas refer to. A URI that ends in a slash stands for all
	// URIs that it begins, and has a directory. By default a URI leads to a schema with that $id
	// among those that are read, and in the directory of the schema that refers to it. Nothing is
	// fetched.
	Map map[string]string
	// Names is the file of an overlay: a JSON object that says of places in the schemas what these
	// do not, so that no copy of a schema has to be changed. By default there is none. Its members
	// are called like the places: a JSON pointer into the first schema, or a file relative to the
	// overlay, or a URI, before a # and a pointer. Each is an object with "name", the Go name, as
	// x-dwp-go-name has it; or "skip": true, which leaves a definition or an optional member out;
	// or "unchecked", as x-dwp-unchecked. What says nothing of what is generated is an error.
	Names string
	// Target is what to generate. It is required.
	Target Target
	// Package is the name of the package that the code is for. It is required.
	Package string
	// Out is the file for what is generated; the codecs go into files beside it, named after it.
	// Its directory may hold hand-written code of the package. It is required.
	Out string
	// Strict refuses keywords of no dialect, which are otherwise among the notes.
	Strict bool
	// Root names the type of the document itself. By default the document has a type only if it is
	// more than a place for definitions, and the type is called like the file.
	Root string
	// Unknown is what generated code does with members that the schema of an object does not name,
	// where the schema does not say so itself with x-dwp-unknown or additionalProperties. The
	// default is Ignore.
	Unknown Unknown
	// Formats is what format and contentEncoding say. The default is Assert.
	Formats Formats
	// InferType takes a schema without a type for one of the type that its keywords say something
	// of, with a note. By default every value of another type is valid for it, as JSON Schema says,
	// and its Go type has a variant that keeps the JSON of those.
	InferType bool
}

// Target is what is generated from a schema.
type Target string

// The targets.
const (
	Client Target = "client" // types, names, options and stubs of a client
	Wire   Target = "wire"   // the types that only a runtime handles
	Server Target = "server" // the interface of a service and its dispatch
	Types  Target = "types"  // the types of any schema, without a runtime
)

// UnmarshalText sets t to the target of that name. Any other text is an error that lists the names.
func (t *Target) UnmarshalText(text []byte) error {
	target := Target(text)
	if err := oneOf("target", string(target), targetNames()); err != nil {
		return err
	}
	*t = target
	return nil
}

// MarshalText returns the name of the target.
func (t Target) MarshalText() ([]byte, error) { return []byte(t), nil }

func targetNames() []string {
	var names []string
	for _, t := range emit.Targets {
		names = append(names, string(t))
	}
	return names
}

// Unknown is what generated code does with members that a schema does not name.
type Unknown string

// What generated code does with unknown members. The zero value is Ignore.
const (
	Ignore Unknown = "ignore" // skip them
	Keep   Unknown = "keep"   // keep them in a field of the struct, and write them again
	Reject Unknown = "reject" // fail to decode
)

var unknownNames = []string{string(Ignore), string(Keep), string(Reject)}

// UnmarshalText sets u to the policy of that name. Any other text is an error that lists the names.
func (u *Unknown) UnmarshalText(text []byte) error {
	if err := oneOf("policy for unknown members", string(text), unknownNames); err != nil {
		return err
	}
	*u = Unknown(text)
	return nil
}

// MarshalText returns the name of the policy.
func (u Unknown) MarshalText() ([]byte, error) { return []byte(u), nil }

// Formats is what the keywords format and contentEncoding of a schema say.
type Formats string

// What format and contentEncoding say. The zero value is Assert.
const (
	// Assert: a time is a time.Time, base64 is []byte, and Validate checks the other formats.
	Assert Formats = "assert"
	// Annotate: nothing, as JSON Schema has it by default. The value is a string like any other.
	Annotate Formats = "annotate"
)

var formatsNames = []string{string(Assert), string(Annotate)}

// UnmarshalText sets f to the reading of that name. Any other text is an error that lists the
// names.
func (f *Formats) UnmarshalText(text []byte) error {
	if err := oneOf("reading of formats", string(text), formatsNames); err != nil {
		return err
	}
	*f = Formats(text)
	return nil
}

// MarshalText returns the name of the reading.
func (f Formats) MarshalText() ([]byte, error) { return []byte(f), nil }

func oneOf(what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("the %s %q is not one of %s", what, name, strings.Join(names, ", "))
}

// DocsConfig says which schema to describe.
type DocsConfig struct {
	// Schema is the schema's file. It is required.
	Schema string
	// Names is the file of an overlay, as Config has it. By default there is none.
	Names string
	// Out is the Markdown file. It is required.
	Out string
}

// BreakingConfig says which versions of a schema to compare.
type BreakingConfig struct {
	// Old and New are the schemas' files. They are required.
	Old, New string
	// Names is the file of an overlay, as Config has it, for the Go of both versions. Entries for
	// places that a version does not have say nothing of it. By default there is none.
	Names string
	// Accepted is a file that lists changes made on purpose, as JSON: [{"pointer", "what"?,
	// "reason"}]. By default no change is accepted.
	Accepted string
}

func (cfg *Config) check() error {
	errs := []error{
		required("schema", cfg.Schema), oneOf("target", string(cfg.Target), targetNames()),
		packageName(cfg.Package), required("output file", cfg.Out),
	}
	if cfg.Unknown != "" {
		errs = append(errs, oneOf("policy for unknown members", string(cfg.Unknown), unknownNames))
	}
	if cfg.Formats != "" {
		errs = append(errs, oneOf("reading of formats", string(cfg.Formats), formatsNames))
	}
	return inConfig(errs...)
}

func (cfg *DocsConfig) check() error {
	return inConfig(required("schema", cfg.Schema), required("output file", cfg.Out))
}

func (cfg *BreakingConfig) check() error {
	return inConfig(required("old schema", cfg.Old), required("new schema", cfg.New))
}

// packageName reports what no package can be called.
func packageName(name string) error {
	if err := required("package name", name); err != nil {
		return err
	}
	if !token.IsIdentifier(name) || name == "_" {
		return fmt.Errorf("the package name %q is not an identifier of Go", name)
	}
	return nil
}

func required(what, value string) error {
	if value == "" {
		return fmt.Errorf("no %s is given", what)
	}
	return nil
}

// inConfig says of several errors that they are about the configuration.
func inConfig(errs ...error) error {
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("gen: %w", err)
	}
	return nil
}
