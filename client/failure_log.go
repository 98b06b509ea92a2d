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

// failureLog logs failed attempts to connect: at Warn if the cause differs from that of the attempt
// before, otherwise at Debug.
type failureLog struct {
	mu   sync.Mutex
	last string // the latest cause, as returned by causeOf
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

// reset is called after an attempt that succeeded. The next failure is logged at Warn.
func (c *failureLog) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = ""
}

// causeOf returns a text that is equal for equal causes. It includes the code of an error but no
// other digits, because ports and the like change with every attempt.
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
