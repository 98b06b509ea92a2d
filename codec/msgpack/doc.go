// Package msgpack is what generated msgpack serializers need beside [msgp]: coders for the Go types
// that msgp's generator has no serializer for, the choice among the variants of a union, and reading
// from a stream with bounded memory and depth.
//
// Only generated code calls this package.
//
// [msgp]: https://pkg.go.dev/github.com/tinylib/msgp/msgp
package msgpack
