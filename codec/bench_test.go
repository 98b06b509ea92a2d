package codec_test

import (
	"testing"

	"github.com/xraph/dispatch/codec"
)

// BenchmarkScan reads a small object member by member, as generated code does.
func BenchmarkScan(b *testing.B) {
	for name, document := range map[string]string{
		"plain":   `{"job_id":"job_01m84czv9we1k8kcq2k2yn10mt","queue":"critical","state":"pending","attempts":3,"done":true}`,
		"escaped": `{ "job_id" : "job_\u0030\t1m84czv9we1k8kcq2k2yn10mt", "queue" : "\"critical\"", "state" : null, "attempts" : 3e0, "done" : true }`,
	} {
		b.Run(name, func(b *testing.B) {
			in := []byte(document)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				var id, queue, state string
				var attempts int
				var done bool
				s := codec.NewScanner(in)
				s.Object()
				for s.Member() {
					switch string(s.Key()) {
					case "job_id":
						codec.ScanString(&s, &id)
					case "queue":
						codec.ScanString(&s, &queue)
					case "state":
						codec.ScanString(&s, &state)
					case "attempts":
						codec.ScanInt(&s, &attempts)
					case "done":
						codec.ScanBool(&s, &done)
					}
				}
				if err := s.End(); err != nil || attempts != 3 || !done {
					b.Fatal(err, attempts, done)
				}
			}
		})
	}
}

// BenchmarkAppendAny encodes a payload of which nothing is known, and checks and copies its text as
// a raw member.
func BenchmarkAppendAny(b *testing.B) {
	payload := struct {
		To      string `json:"to"`
		Subject string `json:"subject"`
		Body    string `json:"body"`
	}{"user@example.com", "Welcome", "The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog."}
	var data, raw []byte
	var err error
	b.ReportAllocs()
	for b.Loop() {
		if data, err = codec.AppendAny(data[:0], payload); err == nil {
			raw, err = codec.AppendRaw(raw[:0], data)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(raw)))
}
