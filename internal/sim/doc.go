// Package sim plays whole lives of a client in front of a server that misbehaves, in a
// testing/synctest bubble, and checks at the end of each that the client kept its promises. It has
// no code but its tests.
//
// A seed makes a plan: which faults happen when ([faultKinds]), who does what ([actorKinds]), and
// how client and server are set up. The plan is the same for the same seed; how goroutines
// interleave is not. So a failure prints the seed and the history, and `make simulate SEED=n
// COUNT=1000` lives that life a thousand times.
//
// To add a fault, add an entry to faultKinds in faults_network_test.go or faults_server_test.go. To
// add something for the client to do, add one to actorKinds in workload_test.go. What must hold in
// the end is in the invariants_*_test.go files.
package sim
