package dwp

import (
	"fmt"
	"strings"
)

// Enqueue is the data of the request that every contestant makes.
type Enqueue struct {
	Name     string `json:"name"`
	Payload  any    `json:"payload"`
	Queue    string `json:"queue,omitempty"`
	Priority int    `json:"priority,omitempty"`
}

// Receipt is the data of its reply.
type Receipt struct {
	JobID string `json:"job_id"`
	Queue string `json:"queue"`
	State string `json:"state"`
}

// Mail is the payload of a job.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

// JobName is the name of every job.
const JobName = "send-email"

// Priority is the priority of every job.
const Priority = 5

// NewMail returns a payload whose JSON text takes about size bytes, at least 64.
func NewMail(size int) Mail {
	const frame = len(`{"to":"user@example.com","subject":"Welcome","body":""}`)
	return Mail{To: "user@example.com", Subject: "Welcome", Body: Filler(size - frame)}
}

// Filler returns n bytes of plain text.
func Filler(n int) string {
	const text = "The quick brown fox jumps over the lazy dog. "
	n = max(n, 0)
	return strings.Repeat(text, n/len(text)+1)[:n]
}

// Queue is the queue that a caller names. The reply names it too, which proves that it reached that
// caller.
func Queue(caller int) string { return fmt.Sprintf("queue-%04d", caller) }

// Topic is the topic of subscription i, and the channel that it subscribes to.
func Topic(i int) string { return fmt.Sprintf("job:%04d", i) }
