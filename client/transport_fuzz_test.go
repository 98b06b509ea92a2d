package client

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// chunks is a connection that brings given bytes, a few at a time.
type chunks struct {
	net.Conn
	data []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(c.size, len(c.data))])
	c.data = c.data[n:]
	return n, nil
}

// FuzzTransport reads arbitrary bytes as WebSocket messages: the result is messages within the limit, the beginnings of larger ones,
// and then a typed error, the same however the bytes arrive, and memory stays within a constant times the input.
func FuzzTransport(f *testing.F) {
	frame := func(frames ...ws.Frame) []byte {
		var b bytes.Buffer
		for _, fr := range frames {
			ws.WriteFrame(&b, fr)
		}
		return b.Bytes()
	}
	fragment := func(op ws.OpCode, fin bool, s string) ws.Frame { return ws.NewFrame(op, fin, []byte(s)) }
	f.Add(frame(ws.NewTextFrame([]byte(`{"id":"1"}`)), ws.NewBinaryFrame(make([]byte, 300))))
	f.Add(frame(fragment(ws.OpText, false, "a"), ws.NewPingFrame([]byte("p")), fragment(ws.OpContinuation, true, "b")))
	f.Add(frame(ws.NewCloseFrame(ws.NewCloseFrameBody(1001, "bye"))))
	f.Add(frame(ws.MaskFrame(ws.NewTextFrame([]byte("masked")))))
	f.Add(frame(ws.NewTextFrame(make([]byte, 70_000))))
	f.Add(frame(fragment(ws.OpText, false, "a"), fragment(ws.OpContinuation, true, string(make([]byte, 70_000))), ws.NewTextFrame(nil)))
	f.Add([]byte{0x81, 127, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff})
	f.Add([]byte{0xc1, 0})
	f.Add([]byte{0x88, 1, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 16
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		whole, err := readAll(data, 1<<20, limit)
		runtime.ReadMemStats(&after)
		if grown, most := after.TotalAlloc-before.TotalAlloc, uint64(8*len(data)+(1<<20)); grown > most {
			t.Errorf("%d bytes allocated for %d", grown, len(data))
		}
		bytewise, err2 := readAll(data, 1, limit)
		if len(whole) != len(bytewise) || err.Error() != err2.Error() {
			t.Fatalf("%d messages and %v at once, %d and %v byte by byte", len(whole), err, len(bytewise), err2)
		}
		for i := range whole {
			if !bytes.Equal(whole[i], bytewise[i]) {
				t.Fatalf("message %d differs", i)
			}
			if len(whole[i]) > limit {
				t.Fatalf("message %d has %d bytes", i, len(whole[i]))
			}
		}
		var broken *ProtocolError
		var closed *CloseError
		var large *LimitError
		if err != io.EOF && !errors.As(err, &broken) && !errors.As(err, &closed) && !errors.As(err, &large) {
			t.Fatalf("%T %v", err, err)
		}
	})
}

func readAll(data []byte, size, limit int) (messages [][]byte, err error) {
	in := newTransport(&chunks{data: data, size: size}, limit)
	in.onPing = func([]byte) {}
	for {
		msg, _, err := in.next()
		if err != nil && msg == nil {
			return messages, err
		}
		if err != nil && len(msg) > wire.HeadingBytes {
			return messages, errors.New("more than the beginning of a message that is too large")
		}
		messages = append(messages, msg)
	}
}

// FuzzEventFrame takes arbitrary bytes as the data of an event frame: it is delivered in any case, to whom its topic says.
func FuzzEventFrame(f *testing.F) {
	f.Add([]byte(`{"type":"job.started","ts":"2026-11-23T14:29:34Z","topic":"job:1","data":{"job_id":"1","queue":"q"}}`), "job:1")
	f.Add([]byte(`{"type":"cron.fired","ts":"2026-11-23T14:29:34Z","data":{"entry_name":"e"}}`), "")
	f.Add([]byte(`{"type":"job.started","topic":7}`), "workflow:1")
	f.Add([]byte(`null`), "")
	f.Fuzz(func(t *testing.T, data []byte, topic string) {
		ev := eventOf(&wire.Frame{Type: wire.TypeEvent, Channel: topic, Data: data}, len(data))
		switch p := ev.Payload().(type) {
		case *UnknownEvent:
			if p.Err == nil {
				t.Error("an unknown event without a reason")
			}
		case *JobEvent, *WorkflowEvent, *CronEvent:
		default:
			t.Errorf("payload %T", p)
		}
		cs := channels{}
		for _, r := range []route{{server: ChannelFirehose}, {server: ChannelJobs}, {server: ChannelJobs, queue: "q"}, {server: ChannelWorkflows}} {
			if cs[r.server] == nil {
				cs[r.server] = &channel{name: r.server}
			}
			cs[r.server].add(&Subscription{route: r})
		}
		all := 0
		cs.each(&ev, func(s *Subscription) {
			if s.route.server == ChannelFirehose {
				all++
			}
		})
		if all != 1 {
			t.Errorf("the firehose got it %d times", all)
		}
	})
}
