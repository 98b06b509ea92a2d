package client_test

import "testing"

// TestCallsCostFewAllocations is a gate: what lowers the counts lowers the bounds, so that
// nothing raises them again unseen. The race detector changes the counts, so `make test` runs this
// once more without it. It is not parallel, because what other tests allocate would count.
func TestCallsCostFewAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools drop what they keep")
	}
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			c, _ := dialTerse(t, format)
			enqueueMail(t, c)
			if n := testing.AllocsPerRun(200, func() { enqueueMail(t, c) }); n > 3 {
				t.Errorf("a call with two options allocates %v times, at most 3 are wanted", n)
			}
		})
	}
}
