package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"

	"github.com/xraph/dispatch/bench/internal/work"
)

// profiles is the environment variable by which clients learn where CPU profiles go.
const profiles = "DISPATCH_BENCH_PROFILES"

// profiled runs f with a CPU profile, named after the contestant and its work, where one is wanted.
func profiled(contestant string, w work.Work, f func() error) (err error) {
	dir := os.Getenv(profiles)
	if dir == "" {
		return f()
	}
	name := fmt.Sprintf("%s-%s-%s-%d.pprof", contestant, w.Kind, w.Format, max(w.Callers, w.Subscriptions))
	name = strings.NewReplacer(" ", "-", "/", "-", "(", "", ")", "").Replace(name)
	out, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}
