package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
)

// Charge is the payload of a job that must not be done twice.
type Charge struct {
	Key   string `json:"key"` // the same in every attempt, and in no other charge
	Cents int    `json:"cents"`
}

// Book is where charges are recorded: a database table with a unique key, in a real program.
type Book struct {
	mu   sync.Mutex
	rows map[string]int
}

// Insert records a charge, unless its key is recorded already.
func (b *Book) Insert(charge Charge) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, found := b.rows[charge.Key]; !found {
		b.rows[charge.Key] = charge.Cents
	}
}

// Has reports whether a charge is recorded.
func (b *Book) Has(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, found := b.rows[key]
	return found
}

// handleCharge does the work of a charge once, however often it is enqueued.
func handleCharge(book *Book) devserver.JobHandler {
	return func(_ context.Context, job devserver.Job) error {
		var charge Charge
		if err := json.Unmarshal(job.Payload, &charge); err != nil {
			return err
		}
		book.Insert(charge) // which does nothing for a key that is there
		return nil
	}
}

// enqueueCharge enqueues a charge until that is known to have been done. It may do so twice.
func enqueueCharge(ctx context.Context, c *client.Client, book *Book, charge Charge) error {
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		_, err := c.Enqueue(ctx, "charge", charge)
		var lost *client.OutcomeUnknownError
		unknown := errors.As(err, &lost)
		switch {
		case err == nil:
			return nil
		case unknown && book.Has(charge.Key): // look before repeating
			return nil
		case !unknown && !client.RetryMayHelp(err):
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// The answer to an enqueue is lost. It is repeated with the same key, so the work is done once.
func Example_once() {
	c, srv, done := connectTo()
	defer done()
	book := &Book{rows: map[string]int{}}
	srv.HandleJob("charge", handleCharge(book))
	srv.Inject(fault.Cut(fault.Replies(client.MethodJobEnqueue).First(1)))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	charge := Charge{Key: "order-17", Cents: 4200}
	if err := enqueueCharge(ctx, c, book, charge); err != nil {
		log.Fatal(err)
	}
	for !book.Has(charge.Key) {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("charged:", charge.Key)
	// Output: charged: order-17
}
