package msgpack

import (
	"maps"
	"slices"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/quote"
)

// AppendMembers appends the entries of a map to one whose header has been
// written, in the order of their keys.
func AppendMembers[T any, C Coder[T]](b []byte, members map[string]T, elem C) ([]byte, error) {
	for _, key := range slices.Sorted(maps.Keys(members)) {
		v := members[key]
		var err error
		if b, err = elem.Append(msgp.AppendString(b, key), &v); err != nil {
			return b, msgp.WrapError(err, quote.Shorten(key))
		}
	}
	return b, nil
}

// ReadMember reads the value of a member into a map, which it makes if need be.
func ReadMember[T any, C Coder[T]](b []byte, key string, members *map[string]T, elem C) ([]byte, error) {
	var v T
	b, err := elem.Read(b, &v)
	if err != nil {
		return b, msgp.WrapError(err, quote.Shorten(key))
	}
	if *members == nil {
		*members = map[string]T{}
	}
	(*members)[key] = v
	return b, nil
}

// MembersSize is an upper bound of what [AppendMembers] appends.
func MembersSize[T any, C Coder[T]](members map[string]T, elem C) int {
	n := 0
	for key, v := range members {
		n += msgp.StringPrefixSize + len(key) + elem.Size(&v)
	}
	return n
}

// Require is the error of a map that lacks a member ([codec.ErrMissing]): one of the names whose
// place in seen is false.
func Require(seen []bool, names ...string) error {
	for i, name := range names {
		if !seen[i] {
			return &codec.Error{Kind: codec.ErrMissing, Detail: name}
		}
	}
	return nil
}
