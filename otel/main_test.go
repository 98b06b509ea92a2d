package dispatchotel_test

import (
	"testing"

	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }
