package contestant

import (
	"encoding/json"

	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// document makes the calls of contestants that have an envelope of their own: a call's data is a
// JSON document.
type document struct {
	payload dwp.Mail
	queues  []string
}

func newDocument(w work.Work) document {
	return document{payload: dwp.NewMail(w.Size), queues: queues(w.Callers)}
}

func (d document) call(caller int, exchange func([]byte) ([]byte, error)) error {
	request := dwp.Enqueue{Name: dwp.JobName, Payload: d.payload, Queue: d.queues[caller], Priority: dwp.Priority}
	b, err := json.Marshal(request)
	if err != nil {
		return err
	}
	reply, err := exchange(b)
	if err != nil {
		return err
	}
	var receipt dwp.Receipt
	if err := json.Unmarshal(reply, &receipt); err != nil {
		return err
	}
	return checkQueue(receipt.Queue, d.queues[caller])
}
