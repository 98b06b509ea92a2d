package client

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// taker is an eventSink that notes what is handed over.
type taker struct {
	eventSink
	batches [][]arrival // as they are later
	weights []int
}

func (s *taker) dispatch(arrived []arrival, _ time.Time) {
	s.batches = append(s.batches, arrived)
	for _, a := range arrived {
		s.weights = append(s.weights, a.weight)
	}
}

// handedOver has a session read this, and returns what it hands over.
func handedOver(t *testing.T, f *firehose, said []byte) *taker {
	t.Helper()
	s := &taker{}
	f.session.events = s
	f.conn.left.Reset(said)
	if err := f.session.read(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return s
}

func TestSessionHandsOverEventsInBoundedBatchesAndKeepsNone(t *testing.T) {
	t.Parallel()
	const events = 5*mostArrived + 1
	f := newFirehose(t, wire.FormatJSON, events)
	s := handedOver(t, f, f.said)
	if len(s.weights) != events {
		t.Errorf("%d events are handed over, want %d", len(s.weights), events)
	}
	for _, batch := range s.batches {
		if len(batch) > mostArrived {
			t.Errorf("a batch of %d", len(batch))
		}
		for _, a := range batch {
			if a.event != nil || a.slab != nil {
				t.Error("the session keeps an event that it has handed over")
			}
		}
	}
}

func TestEventWeighsWhatTheFragmentsOfItsMessageTook(t *testing.T) {
	t.Parallel()
	const size = 40 << 10
	text := fmt.Sprintf(`{"type":"event","data":{"type":"job.started","topic":"job:1","data":%q}}`, strings.Repeat("x", size))
	var said []byte
	cut := len(text) - 2
	for i, part := range []string{text[:cut], text[cut : cut+1]} { // and the last
		op := ws.OpText
		if i > 0 {
			op = ws.OpContinuation
		}
		b, err := ws.CompileFrame(ws.NewFrame(op, false, []byte(part)))
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, b...)
	}
	said = websock.Append(said, ws.StateServerSide, ws.OpContinuation, []byte(text[cut+1:]))
	s := handedOver(t, newFirehose(t, wire.FormatJSON, 1), said)
	if len(s.weights) != 1 || s.weights[0] < 2*size {
		t.Errorf("weights %d, want one of %d or more, since the message has grown to that", s.weights, 2*size)
	}
}
