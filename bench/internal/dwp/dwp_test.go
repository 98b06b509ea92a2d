package dwp

import (
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/vmihailenco/msgpack/v5"
)

func decode(t *testing.T, format string, b []byte) (f Frame) {
	t.Helper()
	unmarshal := json.Unmarshal
	if format == Msgpack {
		unmarshal = msgpack.Unmarshal
	}
	if err := unmarshal(b, &f); err != nil {
		t.Fatalf("%v in %q", err, b)
	}
	return f
}

// What is put together without an encoder is what a plain decoder reads.
func TestPreparedMessagesAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, format := range []string{JSON, Msgpack} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			f := decode(t, format, AppendReply(nil, format, 0xab, []byte("req_7"), AppendReceipt(nil, 0xcd, []byte("queue-0003"))))
			var receipt Receipt
			if err := json.Unmarshal(f.Data, &receipt); err != nil {
				t.Fatal(err)
			}
			if want := (Receipt{"job_0100000000000000cd", "queue-0003", "pending"}); f.CorrelationID != "req_7" || !f.Time.Equal(stamp) || receipt != want {
				t.Errorf("reply %+v, receipt %+v, want %+v", f, receipt, want)
			}
			for _, size := range []int{64, 1 << 10, 1 << 17} {
				event := NewEvent(format, "job:0042", size)
				for _, n := range []uint64{7, 0xfedcba9876543210} {
					f := decode(t, format, event.With(n))
					var e Event
					if err := json.Unmarshal(f.Data, &e); err != nil {
						t.Fatal(err)
					}
					number := make([]byte, 16)
					PutNumber(number, n)
					if e.Topic != "job:0042" || f.ID != "srv_"+string(number) || e.Data.JobID != "job_01"+string(number) {
						t.Errorf("size %d: event %+v in %s", size, e, f.ID)
					}
					if data := len(f.Data); data < size || data > size+200 {
						t.Errorf("an event of %d bytes has %d of data", size, data)
					}
				}
			}
		})
	}
}

func TestPayloadsHaveTheSizeThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, size := range []int{64, 256, 1 << 20} {
		b, err := json.Marshal(NewMail(size))
		if err != nil || len(b) != size {
			t.Errorf("%d bytes, error %v, want %d", len(b), err, size)
		}
	}
}

func TestKeysFindMembers(t *testing.T) {
	t.Parallel()
	for _, format := range []string{JSON, Msgpack} {
		long := strings.Repeat("x", 200)
		message := Encode(Frame{ID: "req_7", Type: "request", Method: long, Data: json.RawMessage(`{"queue":"a","x":{"queue":"b"}}`)}, format)
		for name, want := range map[string]string{"id": "req_7", "type": "request", "method": long, "token": ""} {
			if got := NewKey(name).First(message, format); string(got) != want {
				t.Errorf("%s: %s is %q, want %q", format, name, got, want)
			}
		}
		if got := NewKey("queue").Last(message); string(got) != "b" {
			t.Errorf("%s: the last queue is %q", format, got)
		}
	}
}

func TestNumbersComeBack(t *testing.T) {
	t.Parallel()
	b := make([]byte, 16)
	for _, n := range []uint64{0, 1, 1 << 40, 1<<64 - 1} {
		PutNumber(b, n)
		if got, ok := Number(b); got != n || !ok {
			t.Errorf("%d comes back as %d, %v", n, got, ok)
		}
	}
	for _, bad := range []string{"", "1", strings.Repeat("g", 16)} {
		if n, ok := Number([]byte(bad)); ok {
			t.Errorf("%q is the number %d", bad, n)
		}
	}
}

// Messages of every form of length arrive whole, masked or not, fragmented or not, and control
// frames between them do not show.
func TestMessagesArriveWhole(t *testing.T) {
	t.Parallel()
	for _, client := range []bool{false, true} {
		a, b := net.Pipe()
		sender, receiver := NewConn(a, nil, client), NewConn(b, nil, !client)
		sizes := []int{0, 1, 125, 126, 1000, 1<<16 - 1, 1 << 16, 1 << 20}
		failed := make(chan error, 1)
		go func() {
			defer a.Close()
			for _, n := range sizes {
				if err := sender.Send(ws.OpText, []byte(Filler(n))); err != nil {
					failed <- err
					return
				}
				if err := sender.Send(ws.OpPong, nil); err != nil {
					failed <- err
					return
				}
			}
			err := sender.Flush()
			for i, part := range []string{"in ", "three ", "parts"} {
				op := ws.OpContinuation
				if i == 0 {
					op = ws.OpText
				}
				if err == nil {
					err = ws.WriteFrame(a, ws.NewFrame(op, i == 2, []byte(part)))
				}
			}
			failed <- err
		}()
		for _, n := range sizes {
			got, err := receiver.Next()
			if err != nil || string(got) != Filler(n) {
				t.Fatalf("a message of %d bytes arrives with %d, error %v", n, len(got), err)
			}
		}
		if got, err := receiver.Next(); string(got) != "in three parts" || err != nil {
			t.Errorf("the fragments are %q, %v", got, err)
		}
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}
