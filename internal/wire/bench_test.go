package wire

import (
	"encoding/json"
	"testing"
	"time"
)

var benchFrames = map[string]Frame{
	"reply": {
		ID: "20261123142934.140217044", Type: TypeResponse, CorrelID: "f3k2m5q7xa-1234567",
		Data: json.RawMessage(`{"job_id":"job_01m84czv9we1k8kcq2k2yn10mt","queue":"critical","state":"pending"}`),
		TS:   time.Date(2026, 11, 23, 14, 29, 34, 140220375, time.UTC),
	},
	"event": {
		ID: "20261123142934.140307955", Type: TypeEvent, Channel: "job:job_01m84czv9we1k8kcq2k2yn10mt",
		Data: json.RawMessage(`{"type":"job.enqueued","ts":"2026-11-23T14:29:34.140086815Z","topic":"job:job_01m84czv9we1k8kcq2k2yn10mt",` +
			`"data":{"job_id":"job_01m84czv9we1k8kcq2k2yn10mt","job_name":"send-email","queue":"critical","scope_app_id":"app-1","scope_org_id":"org-1"}}`),
		TS: time.Date(2026, 11, 23, 14, 29, 34, 140308636, time.UTC),
	},
}

func BenchmarkAppend(b *testing.B) {
	for name, fr := range benchFrames {
		for _, f := range formats {
			b.Run(name+"/"+string(f), func(b *testing.B) {
				var dst []byte
				var err error
				b.ReportAllocs()
				for b.Loop() {
					if dst, err = f.Append(dst[:0], &fr); err != nil {
						b.Fatal(err)
					}
				}
				b.SetBytes(int64(len(dst)))
			})
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, fr := range benchFrames {
		for _, f := range formats {
			message, err := f.Append(nil, &fr)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(name+"/"+string(f), func(b *testing.B) {
				b.SetBytes(int64(len(message)))
				b.ReportAllocs()
				for b.Loop() {
					var got Frame
					if err := f.Decode(message, &got); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		message, err := json.Marshal(fr)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/encoding-json", func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				var got standardFrame
				if err := json.Unmarshal(message, &got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeEnvelope(b *testing.B) {
	data := benchFrames["event"].Data
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var ev EventEnvelope
		if err := DecodeEnvelope(data, &ev); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppendRequest appends a request as a whole frame, and with data that are trusted.
func BenchmarkAppendRequest(b *testing.B) {
	data := []byte(`{"name":"send-email","payload":{"to":"user@example.com","subject":"Hello!","body":"Hello, and welcome to the service.","attempt":1},"queue":"critical","priority":10}`)
	at := benchFrames["reply"].TS
	for _, f := range formats {
		ids := NewIDs()
		e := NewEncoder(f, ids)
		var dst []byte
		b.Run(string(f)+"/trusted", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = e.AppendRequest(dst[:0], 1234567, "job.enqueue", data, at)
			}
			b.SetBytes(int64(len(dst)))
		})
		b.Run(string(f)+"/general", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = e.append(dst[:0], 1234567, "job.enqueue", data, at)
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}
