// Command rehome moves this repository to another module path:
//
//	go run ./internal/rehome example.com/dispatch-go
//
// It rewrites the path in every file that git tracks (sources, nested modules, the workspace,
// documents, golden files, import rules), regenerates what is generated, runs a short test, and
// vets the nested modules of the workspace. URLs keep the old path: they lead to the server's
// repository. The work tree has to be clean, and is restored if anything fails.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: rehome MODULE")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := rehome(ctx, ".", os.Args[1], finish)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "rehome:", err)
		os.Exit(1)
	}
}

// finish are the commands that run on the rewritten tree.
var finish = [][]string{
	{"gofmt", "-w", "."},
	{"go", "generate", "./..."},
	{"go", "test", "-run", "Golden", "./gen", "-update"},
	{"gofmt", "-w", "."},
	{"go", "vet", "./..."},
	{"go", "test", "-short", "./client", "./codec/...", "./gen", "./internal/arch", "./internal/conform", "./internal/wire"},
}

var validModule = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.[a-z]+(/[A-Za-z0-9][A-Za-z0-9._~-]*)*$`)

// rehome gives the module in dir another path and runs commands there. It undoes everything if one
// of them fails or ctx ends.
func rehome(ctx context.Context, dir, module string, commands [][]string) (err error) {
	if !validModule.MatchString(module) {
		return fmt.Errorf("%q is not a module path", module)
	}
	old, err := output(ctx, dir, "go", "list", "-m")
	if err != nil {
		return err
	}
	if dirty, err := output(ctx, dir, "git", "status", "--porcelain"); err != nil || dirty != "" {
		return errors.Join(err, fmt.Errorf("the work tree is not clean:\n%s", dirty))
	}
	defer func() {
		if err != nil {
			_, undo := output(context.WithoutCancel(ctx), dir, "git", "checkout", "--quiet", "--", ".")
			err = errors.Join(err, undo)
		}
	}()
	n, err := rewriteAll(ctx, dir, old, module)
	if err != nil {
		return err
	}
	fmt.Printf("%s is now %s in %d files\n", old, module, n)
	for _, command := range commands {
		fmt.Println(strings.Join(command, " "))
		if _, err := output(ctx, dir, command[0], command[1:]...); err != nil {
			return err
		}
	}
	return vetNested(ctx, dir)
}

// vetNested vets the modules that go.work joins with this one, if there is a go.work.
func vetNested(ctx context.Context, dir string) error {
	text, err := output(ctx, dir, "git", "ls-files", "go.work")
	if err != nil || text == "" {
		return err
	}
	text, err = output(ctx, dir, "go", "work", "edit", "-json", "go.work")
	if err != nil {
		return err
	}
	var work struct {
		Use []struct {
			DiskPath string `json:"DiskPath"`
		} `json:"Use"`
	}
	if err := json.Unmarshal([]byte(text), &work); err != nil {
		return fmt.Errorf("go work edit -json: %w", err)
	}
	workspace, err := filepath.Abs(filepath.Join(dir, "go.work"))
	if err != nil {
		return err
	}
	for _, use := range work.Use {
		if use.DiskPath == "." {
			continue
		}
		fmt.Println("go vet ./... in", use.DiskPath)
		if _, err := outputIn(ctx, workspace, filepath.Join(dir, use.DiskPath), "go", "vet", "./..."); err != nil {
			return err
		}
	}
	return nil
}

// rewriteAll rewrites the tracked files and returns how many it changed.
func rewriteAll(ctx context.Context, dir, old, module string) (changed int, err error) {
	names, err := output(ctx, dir, "git", "ls-files", "-z")
	if err != nil {
		return 0, err
	}
	for name := range strings.SplitSeq(names, "\x00") {
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if err != nil {
			return 0, err
		}
		if !info.Mode().IsRegular() {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		rewritten := text
		if filepath.Base(name) == "go.sum" {
			rewritten = withoutSums(text, old)
		}
		rewritten = rewrite(rewritten, old, module)
		if bytes.Equal(rewritten, text) {
			continue
		}
		if err := os.WriteFile(path, rewritten, info.Mode().Perm()); err != nil {
			return 0, err
		}
		changed++
	}
	return changed, nil
}

// withoutSums removes a module's lines, and those of the modules within it, from a go.sum: the sums
// depend on the path.
func withoutSums(sums []byte, module string) []byte {
	var kept []byte
	for line := range bytes.Lines(sums) {
		if !bytes.HasPrefix(line, []byte(module+" ")) && !bytes.HasPrefix(line, []byte(module+"/")) {
			kept = append(kept, line...)
		}
	}
	return kept
}

// rewrite replaces a module path, where it is not a part of a longer path or of a URL.
func rewrite(text []byte, old, module string) []byte {
	if bytes.IndexByte(text, 0) >= 0 {
		return text // not a text
	}
	var out []byte
	for {
		at := bytes.Index(text, []byte(old))
		if at < 0 {
			return append(out, text...)
		}
		end := at + len(old)
		out = append(out, text[:at]...)
		if at > 0 && isPath(text[at-1]) || end < len(text) && text[end] != '/' && text[end] != '.' && isPath(text[end]) {
			out = append(out, old...)
		} else {
			out = append(out, module...)
		}
		text = text[end:]
	}
}

// isPath reports whether a byte next to a path is a part of it.
func isPath(c byte) bool {
	return c == '/' || c == '.' || c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// output runs a command in dir, outside any workspace, and returns what it prints, without the
// white space around it.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	return outputIn(ctx, "off", dir, name, args...)
}

// outputIn is output in a workspace: the absolute name of a go.work, or "off".
func outputIn(ctx context.Context, workspace, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK="+workspace)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(append([]string{name}, args...), " "), err, out, &stderr)
	}
	return strings.Trim(string(out), " \n\x00"), nil
}
