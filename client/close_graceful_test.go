package client

import (
	"errors"
	"testing"

	"github.com/xraph/dispatch/internal/memnet"
)

func TestGracefulCloseKeepsTheFirstOfTwoCauses(t *testing.T) {
	t.Parallel()
	conn, _ := memnet.Pipe(0)
	s := newSession(defaults(), 1, false, conn, conn, new(counters))
	s.closeGracefully(&CloseError{Code: 1001})
	s.closeGracefully(ErrClosed)
	s.fail(errors.New("something else"))
	var closed *CloseError
	if !errors.As(s.cause, &closed) || closed.Code != 1001 {
		t.Errorf("the cause is %v", s.cause)
	}
}
