// Package fault describes what a Dispatch server in memory does wrong, and when. A test injects
// faults with [github.com/xraph/dispatch/devserver.Server.Inject]:
//
//	srv.Inject(
//		fault.Refuse(503, "busy", fault.Upgrades().First(2)),
//		fault.CutAfter(20, fault.Replies(client.MethodJobEnqueue).Nth(1)),
//		fault.Delay(time.Second, fault.Outbound()),
//		fault.Drop(fault.Events().Every(10)),
//	)
//
// A [Fault] is a value. Those that carry no function have a text form, which [Parse] reads and
// [Fault.String] writes:
//
//	refuse:upgrades:503:text=busy:first=2
//	cut:after=job.enqueue:bytes=20:first=1
//	delay:out:1s
//	drop:events:every=10
package fault

import (
	"fmt"
	"net/http"
	"time"
)

// A Fault makes a server misbehave at the fault points that its [Match] selects. The functions of
// this package make one. A Fault is immutable, safe for concurrent use, and may be injected several
// times; the zero Fault never acts.
//
// When several faults act at one point, their effects combine, in the order in which they were
// injected.
type Fault struct {
	name   Name
	match  Match
	params Params
}

// Name is the name of a kind of fault, as in the text form.
type Name string

// The kinds of faults, each with the function that makes it.
const (
	NameRefuse        Name = "refuse"        // Refuse
	NameRefuseUpgrade Name = "refuseupgrade" // RefuseUpgrade
	NameDelay         Name = "delay"         // Delay
	NameDrop          Name = "drop"          // Drop
	NameDuplicate     Name = "duplicate"     // Duplicate
	NameReorder       Name = "reorder"       // Reorder
	NameRewrite       Name = "rewrite"       // Rewrite
	NameGarbage       Name = "garbage"       // Garbage
	NameRawBytes      Name = "rawbytes"      // RawBytes
	NameCut           Name = "cut"           // Cut, CutAfter
	NameClose         Name = "close"         // CloseWith
	NameHalfOpen      Name = "halfopen"      // HalfOpen
	NameSlowRead      Name = "slowread"      // SlowRead
	NameStarve        Name = "starve"        // Starve
	NameDo            Name = "do"            // Do
)

// Params are the arguments of the function that made a fault, other than the match. Each kind uses
// the fields named after its function's parameters; the others are zero.
type Params struct {
	Code int // of Refuse, CloseWith; of RefuseUpgrade, its status
	// the message of Refuse, the reason of CloseWith, what Garbage and RawBytes send
	Text    string
	Header  http.Header   // of RefuseUpgrade
	Delay   time.Duration // of Delay
	Bytes   int           // of CutAfter
	Rate    int           // of SlowRead, in bytes a second
	Rewrite func(*Frame)  // of Rewrite
	Do      func()        // of Do
}

// Name returns the kind of the fault, "" for the zero Fault.
func (f Fault) Name() Name { return f.name }

// Match returns when the fault acts.
func (f Fault) Match() Match { return f.match }

// Params returns the fault's parameters. What they refer to is shared and must not be changed.
func (f Fault) Params() Params { return f.params }

// Covers reports whether the fault can act at a point: whether its kind can act there and its match
// selects the point, apart from counting. It calls the function of [Match.Where], if there is one.
// It is for the server.
func (f Fault) Covers(at Point) bool {
	return kinds[f.name].acts(at) && f.match.covers(at)
}

// ActsAt reports whether the fault acts at the nth point that it covers, from 1. It is for the
// server.
func (f Fault) ActsAt(n int) bool { return f.match.actsAt(n) }

// String returns the text form. For a fault that carries a function it returns a similar text that
// [Parse] refuses.
func (f Fault) String() string { return f.text() }

// MarshalText returns the text form. It returns an error for a fault that carries a function, and
// for the zero Fault.
func (f Fault) MarshalText() ([]byte, error) {
	if f.name == "" || f.params.Rewrite != nil || f.params.Do != nil || f.match.where != nil {
		return nil, fmt.Errorf("fault: %q has no text form", f.text())
	}
	return []byte(f.text()), nil
}

// UnmarshalText replaces the fault with the result of [Parse], and returns its error.
func (f *Fault) UnmarshalText(text []byte) (err error) {
	*f, err = Parse(string(text))
	return err
}
