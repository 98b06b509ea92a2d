package contestant

import (
	"context"
	"errors"
	"fmt"

	"github.com/xraph/dispatch/bench/internal/dwp"
)

func queues(callers int) []string {
	q := make([]string, callers)
	for i := range q {
		q[i] = dwp.Queue(i)
	}
	return q
}

func checkQueue(got, want string) error {
	if got != want {
		return fmt.Errorf("the caller for %q got the reply for %q", want, got)
	}
	return nil
}

// ignoreCancel drops the error by which something ends that is cancelled.
func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
