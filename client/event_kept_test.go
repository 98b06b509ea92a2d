package client

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// pieces is a script of which each read takes so many bytes at most.
type pieces struct {
	script
	size int
}

func (p *pieces) Read(b []byte) (int, error) { return p.script.Read(b[:min(len(b), p.size)]) }

// kept is an event as it was when it was sent.
type kept struct {
	Type        EventType
	Time        time.Time
	Topic, Data string
}

// TestKeptEventsStayAsTheyWereSent sends events of many sizes and forms, some in fragments, with
// control frames between, cuts the bytes anywhere, and looks at all events when the last has come.
func TestKeptEventsStayAsTheyWereSent(t *testing.T) {
	t.Parallel()
	var sizes []int
	for size := range 130 {
		sizes = append(sizes, size, 11*size)
	}
	sizes = append(sizes, 4000, wire.HeadingBytes, 5000, 20_000, 32<<10, 40_000, 70_000, 1)
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		var said []byte
		var want []kept
		for i, size := range sizes {
			ev := kept{
				Type:  EventType("job." + strings.Repeat("x", i%(knownTypeBytes+5))),
				Time:  time.Date(2024, 2, 28+i%3, 23, 59, 59, i*i*i, time.UTC),
				Topic: JobChannel(strconv.Itoa(i)),
				Data:  fmt.Sprintf(`{"n":%d,"text":"%s"}`, i, strings.Repeat(string(rune('a'+i%26)), size)),
			}
			want = append(want, ev)
			envelope := fmt.Sprintf(`{"type":%q,"ts":%q,"topic":%q,"data":%s}`, ev.Type, ev.Time.Format(time.RFC3339Nano), ev.Topic, ev.Data)
			switch i % 7 {
			case 1:
				envelope = strings.Replace(envelope, `"topic":"j`, `"topic":"\u006a`, 1)
			case 2:
				envelope = strings.Replace(envelope, `"type":"j`, `"more":[{}],"type":"\u006a`, 1)
			}
			message, err := format.Append(nil, &wire.Frame{ID: strconv.Itoa(i), Type: wire.TypeEvent, Channel: ev.Topic, Data: []byte(envelope), TS: ev.Time})
			if err != nil {
				t.Fatal(err)
			}
			said = append(said, inFrames(t, message, i%5)...)
		}
		for _, size := range []int{1, 5, 100, 4095, 32 << 10, len(said)} {
			t.Run(fmt.Sprintf("%s in pieces of %d bytes", format, size), func(t *testing.T) {
				t.Parallel()
				f := newFirehose(t, format, len(want))
				conn := &pieces{size: size}
				conn.left.Reset(said)
				f.session.in.conn = conn
				if err := f.session.read(); !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				var events []*Event
				for range want {
					ev, err := f.sub.queue.pull(false)
					if err != nil || ev == nil {
						t.Fatalf("%v, %v after %d events", ev, err, len(events))
					}
					_ = append(ev.Data, "beyond the data"...)
					events = append(events, ev)
				}
				for i, ev := range events {
					if diff := cmp.Diff(want[i], kept{ev.Type, ev.Time, ev.Topic, string(ev.Data)}); diff != "" {
						t.Fatalf("event %d: %s", i, diff)
					}
				}
			})
		}
	}
}

// inFrames is a message in so many fragments besides the last, and pings between them.
func inFrames(t *testing.T, message []byte, fragments int) (said []byte) {
	op := ws.OpText
	for i := range fragments {
		part := message[:len(message)/(i+2)]
		message = message[len(part):]
		b, err := ws.CompileFrame(ws.NewFrame(op, false, part))
		if err != nil {
			t.Fatal(err)
		}
		said = websock.Append(append(said, b...), ws.StateServerSide, ws.OpPing, []byte("ping"))
		op = ws.OpContinuation
	}
	return websock.Append(said, ws.StateServerSide, op, message)
}
