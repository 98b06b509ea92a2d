package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// check returns everything that speaks against releasing a version now.
func check(ctx context.Context, w *workspace, version string, tags []string) error {
	var errs []error
	if semver.Canonical(version) != version {
		return fmt.Errorf("%q is not a version such as v1.2.3", version)
	}
	_, major, _ := module.SplitPathVersion(w.root)
	if err := module.CheckPathMajor(version, major); err != nil {
		errs = append(errs, err)
	}
	branch, err := command(ctx, w.dir, "git", "rev-parse", "--abbrev-ref", "HEAD")
	if err == nil && branch != "main" {
		err = fmt.Errorf("the branch is %s, not main", branch)
	}
	errs = append(errs, err)
	changes, err := command(ctx, w.dir, "git", "status", "--porcelain")
	if err == nil && changes != "" {
		err = fmt.Errorf("the work tree is not clean:\n%s", changes)
	}
	errs = append(errs, err, checkTags(ctx, w.dir, version, tags))
	changelog, err := os.ReadFile(filepath.Join(w.dir, "CHANGELOG.md"))
	if err == nil {
		err = checkChangelog(string(changelog), version)
	}
	return errors.Join(append(errs, err)...)
}

// checkTags demands a version that is higher than all released ones, and tags that are not there.
func checkTags(ctx context.Context, dir, version string, tags []string) error {
	out, err := command(ctx, dir, "git", "tag", "--list")
	if err != nil {
		return err
	}
	var errs []error
	for have := range strings.FieldsSeq(out) {
		for _, tag := range tags {
			if have == tag {
				errs = append(errs, fmt.Errorf("the tag %s exists", tag))
			}
		}
		if semver.IsValid(have) && semver.Compare(have, version) > 0 {
			errs = append(errs, fmt.Errorf("%s is released, which is higher than %s", have, version))
		}
	}
	return errors.Join(errs...)
}

var heading = regexp.MustCompile(`(?m)^## \[([^\]\n]+)\](.*)$`)

// checkChangelog demands that the newest section is that of the version, has a date, and says
// something. A section "Unreleased" may be above it if it is empty.
func checkChangelog(text, version string) error {
	found := heading.FindAllStringSubmatchIndex(text, -1)
	for i, at := range found {
		name, rest, end := text[at[2]:at[3]], text[at[4]:at[5]], len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		body := strings.TrimSpace(text[at[1]:end])
		switch {
		case name == "Unreleased" && body == "":
			continue
		case name == "Unreleased":
			return fmt.Errorf("CHANGELOG.md has unreleased changes: rename that section to %s", version[1:])
		case "v"+name != version:
			return fmt.Errorf("the newest version in CHANGELOG.md is %s, not %s", name, version[1:])
		case !regexp.MustCompile(`^ - \d{4}-\d\d-\d\d$`).MatchString(rest):
			return fmt.Errorf("the section of %s in CHANGELOG.md has no date, as in ## [%[1]s] - 2006-01-02", name)
		case body == "":
			return fmt.Errorf("the section of %s in CHANGELOG.md is empty", name)
		}
		return nil
	}
	return fmt.Errorf("CHANGELOG.md has no section for %s", version[1:])
}
