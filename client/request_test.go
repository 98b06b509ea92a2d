package client_test

import (
	"encoding/json"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
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

func TestBytesAsAPayloadBecomeAStringOfBase64(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, test := range []struct {
			payload any
			want    string
		}{
			{[]byte(`{"to":1}`), `"eyJ0byI6MX0="`},
			{json.RawMessage(`{"to":1}`), `{"to":1}`},
		} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if got := string(fr.Data); fr.Method == client.MethodJobEnqueue && got != `{"name":"n","payload":`+test.want+`}` {
					t.Errorf("%T is sent as %s", test.payload, got)
				}
				c.polite(fr)
			}
			if _, err := p.dial(format).Enqueue(t.Context(), "n", test.payload); err != nil {
				t.Error(err)
			}
		}
	})
}
