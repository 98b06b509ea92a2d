package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"unicode"
)

// failureLog logs failed attempts to connect: at Warn when the cause is another than that of the
// attempt before, else at Debug.
type failureLog struct {
	mu   sync.Mutex
	last string // the cause, as causeOf tells it apart
}

func (c *failureLog) log(logger *slog.Logger, text string, err error, args ...any) {
	cause := causeOf(err)
	c.mu.Lock()
	level := slog.LevelWarn
	if cause == c.last {
		level = slog.LevelDebug
	}
	c.last = cause
	c.mu.Unlock()
	logger.Log(context.Background(), level, text, append(args, "error", err)...)
}

// reset is for an attempt that has succeeded.
func (c *failureLog) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = ""
}

// causeOf tells causes apart for the log. The numbers in a text, such as ports, make no other
// cause, but a code does.
func causeOf(err error) string {
	var (
		refused *Error
		status  *StatusError
		closed  *CloseError
		code    int
	)
	switch {
	case errors.As(err, &refused):
		code = int(refused.Code)
	case errors.As(err, &status):
		code = status.Status
	case errors.As(err, &closed):
		code = closed.Code
	}
	return fmt.Sprint(code, " ", strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, err.Error()))
}
