package dwptest

import (
	"log/slog"
	"strings"
	"testing"
)

// This file writes the warnings of a server to the log of its test.

// testLog is a writer of log lines.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Log("dwptest: " + strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// warnings returns a logger of warnings. devserver.WithLogger among the server's options replaces
// it.
func warnings(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{} // the test's own log has none
			}
			return a
		},
	}))
}
