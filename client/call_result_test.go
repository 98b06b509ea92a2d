package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// refusedQueue is that of requests which echoing refuses.
const refusedQueue = "refused"

// echoing answers job.enqueue with the queue of the request in all members.
func echoing(c *peerConn, fr *wire.Frame) {
	if fr.Method != client.MethodJobEnqueue {
		c.polite(fr)
		return
	}
	var request client.EnqueueRequest
	if err := request.UnmarshalJSON(fr.Data); err != nil {
		c.p.t.Error(err)
	}
	if request.Name == refusedQueue {
		detail := &wire.ErrorDetail{Code: 409, Message: request.Queue, Details: encode(request.Queue)}
		c.send(&wire.Frame{Type: wire.TypeError, CorrelID: fr.ID, Error: detail})
		return
	}
	c.reply(fr, map[string]string{"job_id": request.Queue, "queue": request.Queue, "state": request.Queue})
}

// Calls reuse memory. What they return does not refer to it, errors included.
func TestResultsRemainAsTheyWere(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = echoing
		c := p.dial(format)
		var callers sync.WaitGroup
		for caller := range 8 {
			callers.Go(func() {
				var want []string
				var results []*client.EnqueueResult
				var raws []json.RawMessage
				var refusals []*client.Error
				for n := range 50 {
					queue := fmt.Sprintf("queue-%d-%d", caller, n)
					result, err := c.Enqueue(t.Context(), "n", nil, client.WithQueue(queue))
					var raw json.RawMessage
					if err == nil {
						request := json.RawMessage(`{"name":"n","payload":null,"queue":"` + queue + `"}`)
						err = c.Call(t.Context(), client.MethodJobEnqueue, request, &raw)
					}
					_, refusal := c.Enqueue(t.Context(), refusedQueue, nil, client.WithQueue(queue))
					refused, isError := errors.AsType[*client.Error](refusal)
					if err != nil || !isError {
						t.Errorf("%v, %v", err, refusal)
						return
					}
					results, raws, refusals = append(results, result), append(raws, raw), append(refusals, refused)
					want = append(want, fmt.Sprintf(`%[1]s %[1]s %[1]s {"job_id":"%[1]s","queue":"%[1]s","state":"%[1]s"} %[1]s "%[1]s"`, queue))
				}
				got := make([]string, 0, len(want))
				for n, r := range results {
					got = append(got, fmt.Sprintf("%s %s %s %s %s %s", r.JobID, r.Queue, r.State, raws[n], refusals[n].Message, refusals[n].Details))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
		callers.Wait()
	})
}

// dressed is an option of a program's own.
type dressed struct{ client.EnqueueOption }

func TestOptionThatEmbedsOneIsAnErrorAndANilOneIsNone(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = echoing
		c := p.dial(format)
		if r, err := c.Enqueue(t.Context(), "n", nil, nil, client.WithQueue("q")); err != nil || r.Queue != "q" {
			t.Errorf("a nil option and another: %v, %v", r, err)
		}
		_, err := c.Enqueue(t.Context(), "n", nil, dressed{client.WithQueue("q")})
		if err == nil || !client.SafeToRetry(err) {
			t.Errorf("error %v, want one that is safe to retry", err)
		}
	})
}
