package load

import (
	"errors"
	"runtime"
	"time"

	"github.com/xraph/dispatch/bench/internal/work"
)

// Measure runs some work and returns what each of its operations cost the process.
func Measure(do func() (operations int, err error)) (work.Result, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	n, err := do()
	took := time.Since(start)
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	if err == nil && n == 0 {
		err = errors.New("nothing was done in the time")
	}
	if err != nil {
		return work.Result{}, err
	}
	per := 1 / float64(n)
	return work.Result{
		Operations: n,
		Total:      n,
		Seconds:    took.Seconds(),
		CPU:        float64(cpu.Nanoseconds()) / 1e3 * per,
		Allocs:     float64(after.Mallocs-before.Mallocs) * per,
		Bytes:      float64(after.TotalAlloc-before.TotalAlloc) * per,
	}, nil
}
