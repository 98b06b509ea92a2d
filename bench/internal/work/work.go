// Package work says what a contestant is to do. The command passes it to the processes of the
// server and the client.
package work

import "time"

// Kind is a kind of work.
type Kind string

// The kinds of work.
const (
	Calls  Kind = "calls"  // a closed loop: each caller calls again when its reply has come
	Open   Kind = "open"   // an open loop: calls begin at a fixed rate, answered or not
	Events Kind = "events" // subscriptions that take events
)

// Work is one task.
type Work struct {
	Kind          Kind          `json:"kind"`
	Format        string        `json:"format"`        // json or msgpack
	Callers       int           `json:"callers"`       // goroutines that share the connection
	Size          int           `json:"size"`          // bytes of a payload, or of an event's data
	Rate          float64       `json:"rate"`          // calls per second, of an open loop
	Warm          time.Duration `json:"warm"`          // calls that are not measured
	Duration      time.Duration `json:"duration"`      // calls that are measured
	Subscriptions int           `json:"subscriptions"` // to a topic each; 1 is the firehose
	Events        int           `json:"events"`        // all in all, a multiple of Subscriptions
	EventRate     int           `json:"event_rate"`    // a second, beside an open loop
	LargeSize     int           `json:"large_size"`    // of other calls beside these
}

// Result is what a client measured.
type Result struct {
	Operations int     `json:"operations"` // during the measured time
	Total      int     `json:"total"`      // with those before it
	Seconds    float64 `json:"seconds"`    // of wall-clock time
	CPU        float64 `json:"cpu"`        // microseconds of the process's CPU time per operation
	Allocs     float64 `json:"allocs"`     // per operation
	Bytes      float64 `json:"bytes"`      // allocated per operation
	P50        float64 `json:"p50"`        // microseconds; of calls only
	P99        float64 `json:"p99"`        // microseconds; of calls only
	Large      int     `json:"large"`      // calls of LargeSize that were answered
}
