package client_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// fragmented sends a frame as a message of so many fragments.
func (c *peerConn) fragmented(fr *wire.Frame, n int) {
	msg, err := c.format.Append(nil, fr)
	if err != nil {
		c.p.t.Error(err)
	}
	size := (len(msg) + n - 1) / n
	for op := ws.OpText; len(msg) > 0; op = ws.OpContinuation {
		part := msg[:min(size, len(msg))]
		msg = msg[len(part):]
		c.raw(ws.NewFrame(op, len(msg) == 0, part))
	}
}

func TestMessageLimitHoldsForTheSumOfFragments(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for size, tooLarge := range map[int]bool{800: false, 4000: true} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if fr.Method != client.MethodJobGet {
					c.polite(fr)
					return
				}
				// In either format a job is more than its payload: each fragment is below the
				// limit.
				payload := make([]byte, size)
				data, _ := json.Marshal(map[string]any{"id": "1", "name": "n", "state": "completed", "payload": payload})
				c.fragmented(&wire.Frame{ID: "1", Type: wire.TypeResponse, CorrelID: fr.ID, Data: data, TS: fr.TS}, 4)
			}
			job, err := p.dial(format, client.WithLimits(client.Limits{MessageBytes: 2048})).GetJob(t.Context(), "1")
			if errors.Is(err, client.ErrTooLarge) != tooLarge || !tooLarge && (err != nil || len(job.Payload) != size) {
				t.Errorf("payload of %d bytes: %v", size, err)
			}
		}
	})
}
