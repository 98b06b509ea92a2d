package codec

import (
	"maps"
	"slices"

	"github.com/tinylib/msgp/msgp"
)

// AppendMsgMembers appends the entries of a map to one whose header has been
// written, in the order of their keys.
func AppendMsgMembers[T any, C MsgCoder[T]](b []byte, members map[string]T, elem C) ([]byte, error) {
	for _, key := range slices.Sorted(maps.Keys(members)) {
		v := members[key]
		var err error
		if b, err = elem.Append(msgp.AppendString(b, key), &v); err != nil {
			return b, msgp.WrapError(err, shorten(key))
		}
	}
	return b, nil
}

// ReadMsgMember reads the value of a member into a map, which it makes if need be.
func ReadMsgMember[T any, C MsgCoder[T]](b []byte, key string, members *map[string]T, elem C) ([]byte, error) {
	var v T
	b, err := elem.Read(b, &v)
	if err != nil {
		return b, msgp.WrapError(err, shorten(key))
	}
	if *members == nil {
		*members = map[string]T{}
	}
	(*members)[key] = v
	return b, nil
}

// MsgMembersSize is an upper bound of what [AppendMsgMembers] appends.
func MsgMembersSize[T any, C MsgCoder[T]](members map[string]T, elem C) int {
	n := 0
	for key, v := range members {
		n += msgp.StringPrefixSize + len(key) + elem.Size(&v)
	}
	return n
}

// MsgRequire is the error of a map that lacks a member ([ErrMissing]): one of the names whose place in seen is false.
func MsgRequire(seen []bool, names ...string) error {
	for i, name := range names {
		if !seen[i] {
			return &Error{Kind: ErrMissing, Detail: name}
		}
	}
	return nil
}

// EncodeMsg writes what marshals itself to a stream.
func EncodeMsg(w *msgp.Writer, z msgp.Marshaler) error {
	b, err := z.MarshalMsg(nil)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
