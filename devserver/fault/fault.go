// Package fault says what a Dispatch server in memory does wrong, and when. A test arms faults with
// [github.com/xraph/dispatch/devserver.Server.Inject]:
//
//	srv.Inject(
//		fault.Refuse(503, "busy", fault.Upgrades().First(2)),
//		fault.CutAfter(20, fault.Replies(client.MethodJobEnqueue).Nth(1)),
//		fault.Delay(time.Second, fault.Outbound()),
//		fault.Drop(fault.Events().Every(10)),
//	)
//
// A [Fault] is a value. Those that carry no function have a text form, which [Parse] reads and [Fault.String] writes:
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

// A Fault makes a server misbehave at the moments that its [Match] names. The functions of this package
// make one. A Fault does not change and may be armed several times; the zero Fault never acts.
//
// When several act at one moment, their effects add up, in the order in which they were armed.
type Fault struct {
	name   Name
	match  Match
	params Params
}

// Name is the name of a kind of fault, as it stands in the text form.
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

// Params are what the functions that make faults are given, besides the match. Each kind uses those that are
// named after its function's parameters.
type Params struct {
	Code    int           // of Refuse, CloseWith; of RefuseUpgrade, its status
	Text    string        // the message of Refuse, the reason of CloseWith, what Garbage and RawBytes send
	Header  http.Header   // of RefuseUpgrade
	Delay   time.Duration // of Delay
	Bytes   int           // of CutAfter
	Rate    int           // of SlowRead, in bytes a second
	Rewrite func(*Frame)  // of Rewrite
	Do      func()        // of Do
}

// Name is the kind of the fault, "" for the zero Fault.
func (f Fault) Name() Name { return f.name }

// Match is when the fault acts.
func (f Fault) Match() Match { return f.match }

// Params are the fault's parameters. They are not to be changed.
func (f Fault) Params() Params { return f.params }

// Covers reports whether the fault can act at a moment, if the moment's number is right too: the kind of fault can, and the
// match names it. It runs the match's function, if it has one. It is for the server.
func (f Fault) Covers(at Point) bool {
	return kinds[f.name].acts(at) && f.match.covers(at)
}

// Wants reports whether the fault acts at the nth moment that it covers, from 1. It is for the server.
func (f Fault) Wants(n int) bool { return f.match.wants(n) }

// String returns the text form. For a fault that carries a function it returns a text that looks alike and that [Parse] refuses.
func (f Fault) String() string { return f.text() }

// MarshalText returns the text form. A fault that carries a function has none.
func (f Fault) MarshalText() ([]byte, error) {
	if f.name == "" || f.params.Rewrite != nil || f.params.Do != nil || f.match.where != nil {
		return nil, fmt.Errorf("fault: %q has no text form", f.text())
	}
	return []byte(f.text()), nil
}

// UnmarshalText is [Parse].
func (f *Fault) UnmarshalText(text []byte) (err error) {
	*f, err = Parse(string(text))
	return err
}
