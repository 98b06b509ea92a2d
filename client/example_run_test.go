package client_test

import "testing"

// TestExampleOfSynctest runs what Example_synctest shows, since an example has no testing.T.
func TestExampleOfSynctest(t *testing.T) {
	t.Parallel()
	testReport(t)
}
