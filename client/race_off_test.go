//go:build !race

package client_test

// raceDetector reports whether the race detector watches this test.
const raceDetector = false
