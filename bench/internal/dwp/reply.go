package dwp

import (
	"encoding/json"
	"time"

	"github.com/tinylib/msgp/msgp"
)

var (
	stamp        = time.Date(2026, time.March, 14, 15, 9, 26, 535897932, time.UTC)
	stampJSON    = `,"ts":"` + stamp.Format(time.RFC3339Nano) + `"}`
	stampMsgpack = string(msgp.AppendTimeExt(msgp.AppendString(nil, "ts"), stamp))
)

// AppendReply appends the response with number n to the request with that id. The data is JSON in
// both formats.
func AppendReply(b []byte, format string, n uint64, id, data []byte) []byte {
	var number [len(Blank)]byte
	PutNumber(number[:], n)
	if format == Msgpack {
		b = append(b, "\x85\xa2id\xb4srv_"...)
		b = append(b, number[:]...)
		b = append(b, "\xa4type\xa8response\xa9correl_id"...)
		b = msgp.AppendStringFromBytes(b, id)
		b = msgp.AppendBytes(append(b, "\xa4data"...), data)
		return append(b, stampMsgpack...)
	}
	b = append(append(b, `{"id":"srv_`...), number[:]...)
	b = append(append(b, `","type":"response","correl_id":"`...), id...)
	b = append(append(b, `","data":`...), data...)
	return append(b, stampJSON...)
}

// AppendReceipt appends the data of the reply to an enqueue request.
func AppendReceipt(b []byte, n uint64, queue []byte) []byte {
	var number [len(Blank)]byte
	PutNumber(number[:], n)
	b = append(append(b, `{"job_id":"job_01`...), number[:]...)
	b = append(append(b, `","queue":"`...), queue...)
	return append(b, `","state":"pending"}`...)
}

// NewEvent returns the event that the stub server repeats on a topic. Its data takes about size
// bytes, at least 64.
func NewEvent(format, topic string, size int) *Stamped {
	const least = len(`{"job_id":"job_01~~~~~~~~~~~~~~~~","job_name":"","queue":"default","elapsed_ms":42}`)
	data, err := json.Marshal(Event{
		Type: "job.completed", Time: stamp, Topic: topic,
		Data: JobEvent{JobID: "job_01" + Blank, JobName: JobName + Filler(size-least-len(JobName)), Queue: "default", Elapsed: 42},
	})
	if err != nil {
		panic(err)
	}
	return NewStamped(Encode(Frame{ID: "srv_" + Blank, Type: "event", Channel: topic, Data: data, Time: stamp}, format))
}
