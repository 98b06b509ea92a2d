package wire

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/xraph/dispatch/codec"
)

// The limits of a message.
const (
	// MaxMessageBytes is the default limit of a message's size, in either direction. Whoever reads
	// or writes messages enforces it, with [ErrTooLarge].
	MaxMessageBytes = 16 << 20
	// MaxDepth is how many arrays and objects (or maps) may be open within one another in a frame,
	// and again in the JSON text that data is in msgpack.
	MaxDepth = codec.MaxDepth
)

// What can be wrong with a message, for [errors.Is].
var (
	ErrSyntax    = codec.ErrSyntax    // it is not JSON, or not msgpack
	ErrTooDeep   = codec.ErrDepth     // it is nested deeper than MaxDepth
	ErrBadUTF8   = codec.ErrUTF8      // a string in JSON is not UTF-8
	ErrWrongType = codec.ErrType      // a member is not of its type
	ErrRange     = codec.ErrRange     // a number is negative or too large for its member
	ErrDuplicate = codec.ErrDuplicate // a duplicate member
	ErrTooLarge  = errors.New("message too large")
)

// ParseFormat returns the format of this name. There are "json" and "msgpack".
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case FormatJSON, FormatMsgpack:
		return f, nil
	}
	return "", fmt.Errorf("wire: unknown format %q: there are %q and %q", name, FormatJSON, FormatMsgpack)
}

// Append appends a frame's encoding to dst: compact, with id, type and method before data, times in
// UTC. Data and details must be valid JSON: ErrSyntax, ErrTooDeep. What is longer than a format can
// say is ErrTooLarge. After an error, dst is returned as it was.
func (f Format) Append(dst []byte, fr *Frame) ([]byte, error) {
	if _, err := ParseFormat(string(f)); err != nil {
		return dst, err
	}
	if fr.TS.Location() != time.UTC {
		in := *fr
		in.TS = in.TS.UTC()
		fr = &in
	}
	out, err := dst, ErrTooLarge
	switch {
	case int64(fr.Msgsize()) > math.MaxUint32:
	case f == FormatMsgpack:
		out, err = fr.MarshalMsg(dst)
	default:
		out, err = fr.AppendJSON(dst)
	}
	if err != nil {
		return dst, fmt.Errorf("wire: encode a frame: %w", err)
	}
	return out, nil
}

// Decode reads a frame that is all of data and overwrites *fr with it. The frame's Data and
// Details alias data; its strings are copies, its times in UTC. What *fr held before is used only
// to spare copies of equal strings. An error leaves *fr unspecified; it is an
// ErrSyntax, ErrTooDeep, ErrBadUTF8, ErrWrongType, ErrRange or ErrDuplicate.
func (f Format) Decode(data []byte, fr *Frame) error { return f.DecodeWithin(data, MaxDepth, fr) }

// DecodeWithin is Decode with a lower limit than MaxDepth of how deep the frame may be nested.
func (f Format) DecodeWithin(data []byte, depth int, fr *Frame) error {
	var v view
	if err := f.read(data, depth, &v); err != nil {
		return err
	}
	v.store(fr)
	return nil
}
