package client

import (
	"encoding/json"
	"testing"
)

// BenchmarkPayload decodes the payload of an event.
func BenchmarkPayload(b *testing.B) {
	ev := Event{Type: EventJobEnqueued, Data: json.RawMessage(`{"job_id":"job_01m84czv9we1k8kcq2k2yn10mt","job_name":"send-email",` +
		`"queue":"critical","scope_app_id":"app-1","scope_org_id":"org-1"}`)}
	b.SetBytes(int64(len(ev.Data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := ev.Payload().(*JobEvent); !ok {
			b.Fatal("not decoded")
		}
	}
}
