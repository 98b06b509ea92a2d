package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// release releases a version of the repository in dir. It returns the tags that it made.
func release(ctx context.Context, dir, version string) (made []string, err error) {
	w, err := readWorkspace(ctx, dir)
	if err != nil {
		return nil, err
	}
	tags := []string{version}
	for _, m := range w.nested {
		tags = append(tags, m.dir+"/"+version)
	}
	if err := check(ctx, w, version, tags); err != nil {
		return nil, err
	}
	start, err := command(ctx, dir, "git", "rev-parse", "HEAD")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo(context.WithoutCancel(ctx), dir, start, tags))
		}
	}()
	if _, err := command(ctx, dir, "git", "tag", "-a", version, "-m", version); err != nil {
		return nil, err
	}
	if len(w.nested) == 0 {
		return tags, nil
	}
	if err := w.require(ctx, version); err != nil {
		return nil, err
	}
	if _, err := command(ctx, dir, "git", "add", "--all"); err != nil {
		return nil, err
	}
	if _, err := command(ctx, dir, "git", "commit", "--quiet", "-m", "Require "+version+" in the nested modules"); err != nil {
		return nil, err
	}
	for _, tag := range tags[1:] {
		if _, err := command(ctx, dir, "git", "tag", "-a", tag, "-m", tag); err != nil {
			return nil, err
		}
	}
	return tags, nil
}

// undo takes back a release that failed. The work tree was clean when it began.
func undo(ctx context.Context, dir, start string, tags []string) error {
	_, err := command(ctx, dir, "git", "reset", "--quiet", "--hard", start)
	errs := []error{err}
	for _, tag := range tags {
		if there, err := command(ctx, dir, "git", "tag", "--list", tag); err != nil || there == "" {
			errs = append(errs, err)
			continue
		}
		_, err := command(ctx, dir, "git", "tag", "--delete", tag)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// require sets the root's version in the nested modules, in their dependents, and in go.work, which
// replaces that version by the root beside them.
func (w *workspace) require(ctx context.Context, version string) error {
	sums, err := sums(w.dir, w.root, version)
	if err != nil {
		return err
	}
	for _, m := range w.nested {
		at := filepath.Join(w.dir, m.dir)
		if _, err := command(ctx, at, "go", "mod", "edit", "-require="+w.root+"@"+version); err != nil {
			return err
		}
		if err := replaceSums(filepath.Join(at, "go.sum"), w.root, sums); err != nil {
			return err
		}
	}
	dependents, err := w.dependents(ctx)
	if err != nil {
		return err
	}
	for _, name := range dependents {
		if _, err := command(ctx, w.dir, "go", "mod", "edit", "-require="+w.root+"@"+version, name); err != nil {
			return err
		}
	}
	edit := []string{"work", "edit"}
	for _, old := range w.replaced {
		edit = append(edit, "-dropreplace="+w.root+"@"+old)
	}
	_, err = command(ctx, w.dir, "go", append(edit, "-replace="+w.root+"@"+version+"=./", "go.work")...)
	return err
}

// command runs a command in dir, outside any workspace, and returns what it prints, without the
// white space around it.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // it is git or go
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
