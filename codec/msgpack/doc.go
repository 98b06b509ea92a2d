// Package msgpack is what generated msgpack serializers need beside [msgp]: coders for the Go types
// that msgp's generator has no serializer for, the choice among the variants of a union, and a
// bound for depth. Everything here is for generated code.
//
// Generated types do not implement [msgp.Encodable] and [msgp.Decodable], which write to streams
// and read from them: msgp's readers allocate what a header claims before they have read it. A
// program that reads messages from a stream frames them itself, and calls UnmarshalMsg with a whole
// message.
//
// [msgp]: https://pkg.go.dev/github.com/tinylib/msgp/msgp
package msgpack
