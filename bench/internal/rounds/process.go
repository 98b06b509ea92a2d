// Package rounds has contestants do the same work in turn, each in a process of its own against a
// server in another, and compares them within each round.
package rounds

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/xraph/dispatch/bench/internal/contestant"
	"github.com/xraph/dispatch/bench/internal/work"
)

// Unsupported is the exit status of a client that cannot do some work.
const Unsupported = 3

// Run is what one contestant did in one round.
type Run struct {
	work.Result
	ServerCPU float64 // microseconds per operation, with the server's start
}

// Busy is the part of the time in which the server used a processor. Near 1 the server was the
// bottleneck.
func (r Run) Busy() float64 { return r.ServerCPU / 1e6 * r.Rate() }

// Rate is the operations per second.
func (r Run) Rate() float64 { return float64(r.Operations) / r.Seconds }

// pinned returns a command that runs on the processor with that number, where taskset can do that
// and there are several.
func pinned(ctx context.Context, cpu int, name string, args ...string) *exec.Cmd {
	if taskset, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 {
		name, args = taskset, append([]string{"-c", strconv.Itoa(cpu), name}, args...)
	}
	return exec.CommandContext(ctx, name, args...)
}

// one has an entrant do its work once.
func one(ctx context.Context, server string, e Entrant) (run Run, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	task, err := json.Marshal(e.Work)
	if err != nil {
		return run, err
	}
	srv := pinned(ctx, 1, server, "serve", contestant.Server(e.Contestant), string(task))
	srv.Stderr = os.Stderr
	said, err := srv.StdoutPipe()
	if err != nil {
		return run, err
	}
	hold, err := srv.StdinPipe() // the server ends when it is closed
	if err != nil {
		return run, err
	}
	if err := srv.Start(); err != nil {
		return run, err
	}
	defer func() {
		err = errors.Join(err, hold.Close(), srv.Wait())
		if err == nil {
			cpu := srv.ProcessState.UserTime() + srv.ProcessState.SystemTime()
			run.ServerCPU = float64(cpu.Nanoseconds()) / 1e3 / float64(run.Total)
		}
	}()
	addr, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		return run, fmt.Errorf("the server of %s says nothing: %w", e.Name, err)
	}
	client := pinned(ctx, 0, e.Binary, "client", e.Contestant, strings.TrimSpace(addr), string(task))
	var out, complaint bytes.Buffer
	client.Stdout, client.Stderr = &out, &complaint
	if err := client.Run(); err != nil {
		if client.ProcessState != nil && client.ProcessState.ExitCode() == Unsupported {
			return run, contestant.ErrUnsupported
		}
		return run, fmt.Errorf("%s: %w: %.500s", e.Name, err, &complaint)
	}
	return run, json.Unmarshal(out.Bytes(), &run.Result)
}
