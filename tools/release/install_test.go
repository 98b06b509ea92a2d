package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

// TestReleasedModulesInstallFromAProxy releases a copy of this repository, with one more nested
// module in it, serves the tagged modules from a directory, and builds from there a program that
// imports the nested modules and every command that they and the root have. The modules of others
// come from the module cache: nothing is asked of the network.
func TestReleasedModulesInstallFromAProxy(t *testing.T) {
	t.Parallel()
	dir := repository(t, copyOfThis(t))
	if _, err := release(t.Context(), dir, version); err != nil {
		t.Fatal(err)
	}
	w, err := readWorkspace(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	proxy := t.TempDir()
	publish(t, proxy, dir, w.root, "")
	for _, m := range w.nested {
		publish(t, proxy, dir, m.path, m.dir)
	}
	env := environment(t, proxy)

	imports, commands := packages(t, dir, w)
	consumer := t.TempDir()
	writeFiles(t, consumer, map[string]string{
		"go.mod":  "module example.com/consumer\n\ngo 1.26\n",
		"main.go": "package main\n\nimport (\n\t_ \"" + strings.Join(imports, "\"\n\t_ \"") + "\"\n)\n\nfunc main() {}\n",
	})
	get := []string{"get", w.root + "@" + version}
	for _, m := range w.nested {
		get = append(get, m.path+"@"+version)
	}
	run(t, consumer, env, get...)
	run(t, consumer, env, "mod", "tidy")
	run(t, consumer, env, "build", "-o", os.DevNull, ".")
	for _, path := range commands {
		run(t, consumer, env, "install", path+"@"+version)
	}
	// A nested module builds by itself at its tag, with the sums in its go.sum.
	git(t, dir, "checkout", "--quiet", "probe/"+version)
	run(t, filepath.Join(dir, "probe"), env, "build", "-mod=readonly", "-o", os.DevNull, ".")
}

// copyOfThis returns this repository's files, with a changelog that is ready for the release and a
// nested module "probe", which is a command and imports the client.
func copyOfThis(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	names := git(t, root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	files := map[string]string{}
	for name := range strings.SplitSeq(strings.Trim(names, "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	rootModule, err := readMod(root)
	if err != nil {
		t.Fatal(err)
	}
	path := rootModule.Module.Mod.Path
	files["CHANGELOG.md"] = "# Changelog\n\n## [" + version[1:] + "] - 2026-11-27\n\n- A test.\n"
	files["go.work"] = strings.Replace(files["go.work"], "\n\nreplace", "\n\nuse ./probe\n\nreplace", 1)
	files["probe/main.go"] = "package main\n\nimport _ \"" + path + "/client\"\n\nfunc main() {}\n"
	files["probe/go.mod"] = "module " + path + "/probe\n\ngo 1.26.0\n\nrequire " + path + " v0.0.0\n\nrequire (\n"
	for _, r := range rootModule.Require {
		for _, needed := range []string{"gobwas/", "philhofer/", "tinylib/"} {
			if strings.Contains(r.Mod.Path, needed) {
				files["probe/go.mod"] += "\t" + r.Mod.String() + " // indirect\n"
			}
		}
	}
	files["probe/go.mod"] = strings.ReplaceAll(files["probe/go.mod"], "@v", " v") + ")\n"
	files["probe/go.sum"] = files["go.sum"]
	return files
}

// publish adds a tagged module to a proxy that is a directory.
func publish(t *testing.T, proxy, dir, path, subdir string) {
	t.Helper()
	escaped, err := module.EscapePath(path)
	if err != nil {
		t.Fatal(err)
	}
	tag, mod := version, "go.mod"
	if subdir != "" {
		tag, mod = subdir+"/"+version, subdir+"/go.mod"
	}
	base := escaped + "/@v/"
	writeFiles(t, proxy, map[string]string{
		base + "list":            version + "\n",
		base + version + ".info": `{"Version": "` + version + `"}`,
		base + version + ".mod":  git(t, dir, "show", tag+":"+mod) + "\n",
	})
	err = writeZip(filepath.Join(proxy, filepath.FromSlash(base+version+".zip")), dir, module.Version{Path: path, Version: version}, tag, subdir)
	if err != nil {
		t.Fatal(err)
	}
}

// environment is that of a machine that has only the proxy and this machine's module cache.
func environment(t *testing.T, proxy string) []string {
	t.Helper()
	cache := run(t, ".", nil, "env", "GOMODCACHE")
	return []string{
		"GOPROXY=" + fileURL(proxy) + "," + fileURL(filepath.Join(strings.TrimSpace(cache), "cache", "download")) + ",off",
		"GOMODCACHE=" + t.TempDir(), "GOBIN=" + t.TempDir(), "GOFLAGS=-modcacherw", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOWORK=off",
	}
}

func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	return "file://" + path
}

// packages returns what a consumer can import of the modules, and the commands among them.
func packages(t *testing.T, dir string, w *workspace) (imports, commands []string) {
	t.Helper()
	for _, module := range append([]nested{{path: w.root}}, w.nested...) {
		env := []string{"GOWORK=" + filepath.Join(dir, "go.work"), "GOFLAGS=-buildvcs=false"}
		for line := range strings.Lines(run(t, filepath.Join(dir, module.dir), env, "list", "-f", "{{.Name}} {{.ImportPath}}", "./...")) {
			name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch {
			case strings.Contains(path+"/", "/internal/") || strings.Contains(path, "/examples/"):
			case name == "main":
				commands = append(commands, path)
			case module.dir != "" || path == w.root+"/client":
				imports = append(imports, path)
			}
		}
	}
	return imports, commands
}

func run(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
