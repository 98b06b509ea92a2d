package client_test

import (
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
)

var benchTime = time.Date(2026, time.November, 23, 14, 29, 34, 140220375, time.UTC)

type benchPayload struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
}

var benchMail = benchPayload{To: "user@example.com", Subject: "Welcome"}

func enqueueMail(t testing.TB, c *client.Client) {
	result, err := c.Enqueue(t.Context(), "send-email", benchMail, client.WithQueue("critical"), client.WithPriority(5))
	if err != nil {
		t.Error(err)
	} else if result.Queue != "critical" {
		t.Errorf("result %+v", result)
	}
}

// BenchmarkCall is the whole path of a call, from the option closures to the result, over loopback.
func BenchmarkCall(b *testing.B) {
	for _, format := range formats {
		b.Run("callers=1/"+format, func(b *testing.B) {
			c, _ := dialTerse(b, format)
			b.ReportAllocs()
			for b.Loop() {
				enqueueMail(b, c)
			}
		})
		b.Run("callers=64/"+format, func(b *testing.B) {
			c, _ := dialTerse(b, format)
			b.ReportAllocs()
			b.ResetTimer()
			var callers sync.WaitGroup
			for caller := range 64 {
				callers.Go(func() {
					for n := caller; n < b.N; n += 64 {
						enqueueMail(b, c)
					}
				})
			}
			callers.Wait()
		})
	}
}

// BenchmarkEnqueueMany is the same call of items in a batch, beside as many callers as its window
// has items. Both are timed in the same run, in turns, and their ratio is reported: how much faster
// the batch is.
func BenchmarkEnqueueMany(b *testing.B) {
	const together, window = 4096, 256
	for _, format := range formats {
		b.Run(format, func(b *testing.B) {
			c, _ := dialTerse(b, format)
			b.ReportAllocs()
			var callers, batches time.Duration
			for n := 0; n < b.N; n += together {
				begin := time.Now()
				var done sync.WaitGroup
				for range window {
					done.Go(func() {
						for range together / window {
							enqueueMail(b, c)
						}
					})
				}
				done.Wait()
				callers += time.Since(begin)
				begin = time.Now()
				for _, err := range c.EnqueueMany(b.Context(), mails(together), client.WithWindow(window)) {
					if err != nil {
						b.Fatal(err)
					}
				}
				batches += time.Since(begin)
			}
			b.ReportMetric(float64(callers)/float64(batches), "x-callers")
		})
	}
}

func mails(n int) iter.Seq[client.EnqueueItem] {
	item := client.EnqueueItem{
		Name: "send-email", Payload: benchMail, Options: []client.EnqueueOption{client.WithQueue("critical"), client.WithPriority(5)},
	}
	return func(yield func(client.EnqueueItem) bool) {
		for range n {
			if !yield(item) {
				return
			}
		}
	}
}

// takePushed pulls the events of one push.
func takePushed(t testing.TB, sub *client.Subscription, decode bool) {
	for range eventsTogether {
		event, err := sub.Next(t.Context())
		if err != nil || event.Type != client.EventJobCompleted {
			t.Fatalf("event %+v, error %v", event, err)
		}
		if decode {
			if _, ok := event.Payload().(*client.JobEvent); !ok {
				t.Fatalf("payload %+v", event.Payload())
			}
		}
	}
}

func subscribeTerse(t testing.TB, format string) (*client.Subscription, *tersePeer) {
	c, p := dialTerse(t, format)
	sub, err := c.Subscribe(t.Context(), client.ChannelFirehose)
	if err != nil {
		t.Fatal(err)
	}
	return sub, p
}

// BenchmarkEvent is the whole path of an event, from the socket to Next, over loopback: an
// operation is one event.
func BenchmarkEvent(b *testing.B) {
	for _, test := range []struct {
		name   string
		decode bool
	}{{"envelope", false}, {"decoded", true}} {
		for _, format := range formats {
			b.Run(test.name+"/"+format, func(b *testing.B) {
				sub, p := subscribeTerse(b, format)
				b.ReportAllocs()
				b.ResetTimer()
				for n := 0; n < b.N; n += eventsTogether {
					p.push()
					takePushed(b, sub, test.decode)
				}
			})
		}
	}
}

// BenchmarkRoute is an event that goes to one of many subscriptions, each to a channel of its own,
// over loopback.
func BenchmarkRoute(b *testing.B) {
	for _, subscriptions := range []int{1, 1000} {
		b.Run(fmt.Sprintf("subscriptions=%d", subscriptions), func(b *testing.B) {
			c, p := dialTerse(b, "json")
			for i := range subscriptions - 1 {
				if _, err := c.Subscribe(b.Context(), client.JobChannel(fmt.Sprint("other_", i))); err != nil {
					b.Fatal(err)
				}
			}
			sub, err := c.Subscribe(b.Context(), client.JobChannel("job_1"))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += eventsTogether {
				p.push()
				takePushed(b, sub, false)
			}
		})
	}
}
