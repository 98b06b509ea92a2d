package gen_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// TestConfigErrorsNameNoFlags: the package is used by other programs than dwpgen too.
func TestConfigErrorsNameNoFlags(t *testing.T) {
	t.Parallel()
	generate := func(cfg gen.Config) error { _, err := gen.Generate(cfg); return err }
	_, docs := gen.Docs(gen.DocsConfig{})
	_, breaking := gen.Breaking(gen.BreakingConfig{})
	for _, test := range []struct {
		err  error
		want []string
	}{
		{generate(gen.Config{}), []string{"no schema is given", `the target "" is not one of client, wire, server, types`, "no package name is given", "no output file is given"}},
		{generate(gen.Config{Schema: "s", Target: "java", Package: "p", Out: "o", Unknown: "drop"}), []string{`the target "java"`, `the policy for unknown members "drop" is not one of ignore, keep, reject`}},
		{docs, []string{"no schema is given", "no output file is given"}},
		{breaking, []string{"no old schema is given", "no new schema is given"}},
	} {
		if test.err == nil {
			t.Errorf("no error, where %q are wanted", test.want)
			continue
		}
		text := test.err.Error()
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q lacks %q", text, want)
			}
		}
		if strings.Contains(text, "-") || strings.Count(text, "gen: ") != 1 {
			t.Errorf("%q", text)
		}
	}
}

func TestBreakingReportSaysWhatChanged(t *testing.T) {
	t.Parallel()
	report, err := gen.Breaking(gen.BreakingConfig{
		Old: "internal/breaking/testdata/old.json", New: "internal/breaking/testdata/member-becomes-required.json",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Changes) != 2 || report.Harmful() != 2 {
		t.Fatalf("%d changes, %d of them harmful", len(report.Changes), report.Harmful())
	}
	proven := false
	for _, c := range report.Changes {
		if c.Pointer == "" || c.What == "" || c.Accepted != "" || c.Go.Verdict == "" {
			t.Errorf("%+v", c)
		}
		f := c.OldClient
		proven = proven || f.Verdict == gen.Breaks && string(f.Witness) == `{"title":"x"}` && f.Refused != "" && f.Why != ""
	}
	if !proven {
		t.Errorf("no change has the witness: %+v", report.Changes)
	}
}

func TestPackageNamesAreIdentifiers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"func", "my pkg", "_", "9p", "a-b"} {
		_, err := gen.Generate(gen.Config{Schema: protocolSchema, Target: gen.Types, Package: name, Out: "zz_generated.go"})
		if err == nil || !strings.Contains(err.Error(), "the package name ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTargetsWithoutTheirRuntimeAreRefused(t *testing.T) {
	t.Parallel()
	for _, target := range []gen.Target{gen.Client, gen.Server} {
		_, err := gen.Generate(gen.Config{Schema: protocolSchema, Target: target, Package: "mine", Out: filepath.Join(t.TempDir(), "zz_generated.go")})
		if err == nil || !strings.Contains(err.Error(), "the target types needs no other code") {
			t.Errorf("%s: %v", target, err)
		}
	}
}
