package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// script is a connection of which only what it has still to say can be read.
type script struct {
	net.Conn
	left   bytes.Reader
	onRead func()
}

func (s *script) Read(p []byte) (int, error) {
	if s.onRead != nil {
		s.onRead()
	}
	return s.left.Read(p)
}

func (*script) Close() error { return nil }

// firehose is a session that reads events, so many each time, and a subscription to all of them.
type firehose struct {
	session *session
	conn    *script
	sub     *Subscription
	events  int
	said    []byte
}

func newFirehose(tb testing.TB, format wire.Format, events int, set ...func(*config)) *firehose {
	tb.Helper()
	cfg := defaults()
	for _, f := range set {
		f(cfg)
	}
	c := newClient(cfg)
	conn := &script{}
	f := &firehose{session: newSession(cfg, 1, false, conn, conn, &c.counters), conn: conn, events: events}
	f.session.format, f.session.out.format, f.session.events = format, format, &c.registry
	f.session.ledger = ledger{balance: 1 << 40, promised: 1 << 40} // nothing answers
	var err error
	if f.sub, err = c.newSubscription(ChannelFirehose, []SubscribeOption{WithBuffer(2*events, 1<<30)}); err == nil {
		err = c.registry.add(f.sub)
	}
	if err != nil {
		tb.Fatal(err)
	}
	for i := range events {
		topic := fmt.Sprintf("job:job_01hzy%d", i)
		data := fmt.Appendf(nil, `{"type":"job.completed","ts":"2026-11-23T14:29:%02d.%09dZ","topic":"%s","data":`+
			`{"job_id":"%s","job_name":"send-email","queue":"default","scope_app_id":"app","attempt":1,"elapsed_ms":%d}}`,
			i/1000%60, i, topic, topic[4:], i%1000)
		fr := wire.Frame{ID: fmt.Sprint("evt-", i), Type: wire.TypeEvent, Channel: topic, Data: data}
		message, err := format.Append(nil, &fr)
		if err != nil {
			tb.Fatal(err)
		}
		op := ws.OpText
		if format == wire.FormatMsgpack {
			op = ws.OpBinary
		}
		f.said = websock.Append(f.said, ws.StateServerSide, op, message)
	}
	return f
}

// read has the session read all events, and calls f for each as its consumer gets it.
func (f *firehose) read(tb testing.TB, consume func(*Event)) {
	f.conn.left.Reset(f.said)
	if err := f.session.read(); !errors.Is(err, io.EOF) {
		tb.Fatal(err)
	}
	for range f.events {
		ev, err := f.sub.Next(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		consume(ev)
	}
}

// TestEventsCostFewAllocations is not parallel, since it counts allocations.
func TestEventsCostFewAllocations(t *testing.T) {
	const events = 4000
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		for _, test := range []struct {
			name    string
			consume func(*Event)
			most    float64 // allocations an event
		}{
			{"envelope", func(*Event) {}, 0.2},
			{"decoded", func(ev *Event) {
				if p, ok := ev.Payload().(*JobEvent); !ok || p.Queue != "default" {
					t.Errorf("%s is %+v", ev.Data, ev.Payload())
				}
			}, 2.2},
		} {
			t.Run(test.name+" in "+string(format), func(t *testing.T) {
				f := newFirehose(t, format, events)
				n := testing.AllocsPerRun(5, func() { f.read(t, test.consume) }) / events
				if n > test.most {
					t.Errorf("%.2f allocations an event, want %v at most", n, test.most)
				}
			})
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	const events = 4000
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		b.Run(string(format), func(b *testing.B) {
			f := newFirehose(b, format, events)
			b.SetBytes(int64(len(f.said) / events))
			b.ReportAllocs()
			for n := 0; n < b.N; n += events {
				f.read(b, func(*Event) {})
			}
		})
	}
}
