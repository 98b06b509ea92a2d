package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// plan is a life as its seed has it: everything but how goroutines interleave.
type plan struct {
	seed        uint64
	format      string
	tokenSource bool          // where the client has its token from
	lifetime    time.Duration // of the source's tokens, 0 if they do not expire
	moody       bool          // the source often has no new token
	endpoints   int           // of the server, which have its one store
	shuffled    bool          // the client tries them in a random order
	lanes       int           // at most so many sessions for workflow.start
	credits     int           // the client grants at a time
	buffer      int           // bytes in each direction of a connection
	message     int           // bytes that the client takes at once
	silence     time.Duration // after which the client gives a session up
	write       time.Duration // may take so long
	// bytes that come over the connection of a first dial, -1 if there is none before the one that
	// works
	brokenDial int
	chaos      time.Duration // how long there are faults
	keepChaos  bool          // the client is closed while there still are
	faults     []mishap
	actors     []actor
	reconnects bool // an actor calls Reconnect
	effects    effect
}

// moods are the kinds of lives there are, by how many faults they have.
var moods = []struct {
	name         string
	least, most  int // faults
	publish      int // events of each publisher, at most
	smallCredits bool
}{
	{"calm", 0, 0, 400, false},
	{"common", 1, 4, 200, false},
	{"common", 1, 4, 200, false},
	{"stormy", 5, 20, 200, false},
	{"short of credits", 0, 2, 3000, true},
}

// mostAtOnce is how many events are published at once: no more than wait for a connection on a
// server.
const mostAtOnce = 80

// How large the messages are that clients take.
const (
	plentyMessage = 16 << 20
	smallMessage  = 4 << 10
)

// newPlan makes the plan of a seed.
func newPlan(seed uint64) *plan {
	r := rand.New(rand.NewPCG(seed, 0x64777020))
	mood := moods[r.IntN(len(moods))]
	p := &plan{
		seed:        seed,
		format:      pick(r, "json", "msgpack"),
		tokenSource: r.IntN(2) == 0,
		endpoints:   1 + r.IntN(mostEndpoints),
		shuffled:    r.IntN(2) == 0,
		lanes:       1 + r.IntN(4),
		credits:     1_000_000,
		buffer:      pick(r, 64<<10, 4<<10, 256),
		silence:     pick(r, 45*time.Second, 45*time.Second, between(r, 2*time.Second, 40*time.Second)),
		write:       pick(r, 15*time.Second, between(r, time.Second, 30*time.Second)),
		message:     pick(r, plentyMessage, plentyMessage, smallMessage),
		brokenDial:  -1,
		chaos:       between(r, 10*time.Second, 3*time.Minute),
		keepChaos:   r.IntN(8) == 0,
	}
	if r.IntN(4) == 0 {
		p.brokenDial = r.IntN(500)
	}
	if mood.smallCredits {
		p.credits = 1 + r.IntN(200)
	}
	p.faults = drawFaults(r, mood.least+r.IntN(mood.most-mood.least+1), p.chaos)
	p.effects = effects(p.faults)
	if mood.smallCredits && p.effects.has(slows|repeats) {
		// Answers to grants overtake more events than servers let wait, or there are events that
		// cost nothing.
		p.effects |= losesSilently
	}
	if p.tokenSource && r.IntN(2) == 0 {
		p.lifetime = between(r, 10*time.Second, 4*time.Minute)
		p.moody = r.IntN(2) == 0
	}
	p.actors = drawActors(r, stage{chaos: p.chaos, publish: mood.publish, large: p.message == smallMessage})
	p.reconnects = slices.ContainsFunc(p.actors, func(a actor) bool { return strings.HasPrefix(a.name, "reconnector") })
	return p
}

// String is what a failure says about the plan.
func (p *plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %s, token source %v, tokens of %v, moody %v, %d endpoints, shuffled %v, %d lanes, %d credits, buffers of %d bytes, messages of %d, silence of %v, writes of %v, first dial broken after %d, faults for %v, kept %v\n",
		p.seed, p.format, p.tokenSource, p.lifetime, p.moody, p.endpoints, p.shuffled, p.lanes, p.credits, p.buffer, p.message, p.silence, p.write, p.brokenDial, p.chaos, p.keepChaos)
	for _, f := range p.faults {
		fmt.Fprintf(&b, "%9.3fs fault: %s\n", f.at.Seconds(), f.name)
	}
	for _, a := range p.actors {
		fmt.Fprintf(&b, "%9.3fs actor: %s %s\n", a.at.Seconds(), a.name, a.parameters)
	}
	return b.String()
}

// mostEndpoints is how many URLs a server has at most.
const mostEndpoints = 3

// endpointAddr is the address of an endpoint, from 0.
func endpointAddr(i int) string { return fmt.Sprintf("server-%d.sim:80", i) }

// endpointURL is its URL, with a password.
func endpointURL(i int) string {
	return fmt.Sprintf("ws://user-%d:%s-%d@server-%d.sim/dwp", i, secret, i, i)
}

// secret is in the token, and must be in nothing that is said.
const secret = "s3cr3t-0f-the-t0ken"

const token = "dk_live_" + secret

func (p *plan) serverOptions() []devserver.Option {
	return []devserver.Option{
		devserver.WithToken(token, devserver.Identity{AppID: "app-1", OrgID: "org-1", Scopes: []string{client.ScopeAll}}),
		devserver.WithQueues(tickQueues...),
		devserver.WithSendQueue(0), // what it loses shows nowhere: it has a test of its own
	}
}
