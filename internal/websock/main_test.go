package websock

import (
	"testing"

	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }
