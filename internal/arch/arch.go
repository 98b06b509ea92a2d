// Package arch holds the repository's own rules as tests: which package may
// import which, and how long a file may be. It has no code.
package arch
