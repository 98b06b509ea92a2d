package client_test

import (
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// awaiting is each call that waits for the end of a job or a run.
var awaiting = map[string]func(t *testing.T, c *client.Client) error{
	"AwaitJob": func(t *testing.T, c *client.Client) error {
		_, err := c.AwaitJob(t.Context(), "1")
		return err
	},
	"AwaitWorkflow": func(t *testing.T, c *client.Client) error {
		_, err := c.AwaitWorkflow(t.Context(), "1")
		return err
	},
}

func TestAwaitOutlastsAServerThatCannotReadTheRecord(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, await := range awaiting {
			p := newPeer(t)
			r := keepRecords(p, "running")
			records := p.handle
			start, refused := time.Now(), 0
			p.handle = func(c *peerConn, fr *wire.Frame) {
				ago := time.Since(start)
				if isGet := fr.Method == client.MethodJobGet || fr.Method == client.MethodWorkflowGet; isGet && ago > 10*time.Second && ago < time.Minute {
					refused++
					c.refuse(fr, 503, "busy")
					return
				}
				records(c, fr)
			}
			time.AfterFunc(30*time.Second, func() { r.set("completed") })
			if err := await(t, p.dial(format)); err != nil || refused == 0 || time.Since(start) < time.Minute {
				t.Errorf("%s: %v after %v and %d refusals", name, err, time.Since(start), refused)
			}
		}
	})
}

func TestAwaitReadsTheRecordAfterAGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, await := range awaiting {
			p := newPeer(t)
			r := keepRecords(p, "running")
			c := p.dial(format, every(100*time.Millisecond))
			// Between the readings that are made every 15 s, give or take a fifth.
			time.AfterFunc(3*time.Second, func() {
				r.set("completed")
				p.conn(1).Cut()
			})
			start := time.Now()
			if err := await(t, c); err != nil || time.Since(start) > 6*time.Second {
				t.Errorf("%s: %v after %v", name, err, time.Since(start))
			}
		}
	})
}
