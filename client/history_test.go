package client

import "testing"

func TestHistoryKeepsTheLatestTransitionsInTheirOrder(t *testing.T) {
	t.Parallel()
	const made = 2*keptTransitions + 3
	var h history
	for n := range made {
		h.add(Transition{Attempt: n})
	}
	seen := uint64(0)
	for want := made - keptTransitions; want < made; want++ {
		if got, ok := h.after(&seen); !ok || got.Attempt != want {
			t.Fatalf("transition %d is %d, %v", want, got.Attempt, ok)
		}
	}
	if _, ok := h.after(&seen); ok {
		t.Error("there is one more")
	}
}
