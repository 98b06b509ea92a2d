package client_test

// These examples are shown and compiled but not run, because one needs a server at a fixed port and
// the other the *testing.T of a test. TestExampleOfSynctest runs the latter's body.
var _ = [...]func(){Example_quickStart, Example_synctest}
