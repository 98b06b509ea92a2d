package sim

import (
	"errors"

	"github.com/xraph/dispatch/client"
)

// check sees, at the end of a life, whether the client kept its promises. Some it has broken by
// then in front of those who acted.
func (w *world) check() {
	w.checkCalls()
	w.checkFollows()
	w.heard = hear(w.net.all())
	for _, x := range w.subs {
		w.checkStream(x)
	}
	for _, l := range w.net.all() {
		if l.handed && !l.ended() {
			w.violate("link %d was left open", l.number)
		}
	}
	if line, found := w.history.mentions(secret); found {
		w.violate("the token shows: %s", line)
	}
}

// checkEnd sees that a client that closed for good, or is draining, had a reason to.
func (w *world) checkEnd() {
	err := w.client.Err()
	switch {
	case w.wasEnded():
	case !w.effects.has(mayEnd):
		w.violate("the client closed for no good reason: %v", err)
	case err == nil || errors.Is(err, client.ErrClosed):
		w.violate("the client closed, and its cause is %v", err)
	}
}

// checkFollows checks that everything that waited for the end of a job or a run received it.
func (w *world) checkFollows() {
	for _, f := range w.entities {
		var refused *client.Error
		var garbled *client.ReplyError
		// What ends the session of the first read, a call like others.
		var breach *client.ProtocolError
		var closed *client.CloseError
		end, known := w.facts.endOf(f.entity)
		what := ""
		switch {
		case !f.over:
			what = "goes on after the client's end"
		case f.err == nil && !final[f.state]:
			what = "is no end"
		case f.err == nil && known && f.state != end:
			what = "was not its end, but " + end
		case f.err == nil, !w.recovered, w.effects.has(forgets):
		case (errors.As(f.err, &refused) || errors.As(f.err, &garbled) || errors.As(f.err, &breach)) && w.effects.has(refuses):
		case errors.As(f.err, &closed) && w.effects.has(mayEnd):
		case errors.Is(f.err, client.ErrTooLarge) && w.message == smallMessage:
		default:
			what = "is not the expected error"
		}
		if what != "" {
			w.violate("%s: the end of %s as %q, %v, %s", f.name, f.entity, f.state, f.err, what)
		}
	}
}

// final holds the states that jobs and runs end in.
var final = map[string]bool{
	string(client.JobStateCompleted): true, string(client.JobStateFailed): true, string(client.JobStateCancelled): true,
}
