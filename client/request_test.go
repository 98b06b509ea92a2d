package client_test

import (
	"encoding/json"
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestRequestThatIsNotUTF8IsNotSent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		for name, payload := range map[string]any{
			"raw":    json.RawMessage("\"\xff\""),
			"nested": map[string]any{"a": json.RawMessage("\"\xff\"")},
		} {
			if _, err := c.Enqueue(t.Context(), "name", payload); err == nil || !client.SafeToRetry(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if seen := p.seen(); len(seen) != 0 {
			t.Errorf("the server saw %v", seen)
		}
		if _, err := c.Enqueue(t.Context(), "na\xffme", "\xff"); err != nil {
			t.Errorf("a string, which encodes as U+FFFD: %v", err)
		}
	})
}

func TestOptionThatIsNilSetsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var urgent client.EnqueueOption
		if _, err := p.dial(format).Enqueue(t.Context(), "name", nil, urgent, client.WithQueue("q")); err != nil {
			t.Error(err)
		}
	})
}
