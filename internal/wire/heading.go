package wire

import "github.com/xraph/dispatch/codec"

// HeadingBytes is how much of a message is enough for its heading, if the sender writes data last
// or nearly so.
const HeadingBytes = 4 << 10

// Heading is what the beginning of a frame says about whom the frame concerns.
type Heading struct {
	Type     FrameType
	CorrelID string
	Channel  string
}

// Heading reads the heading of a frame out of its beginning. Members may come in any order; one
// that is cut, and what follows it, is missing. It is empty if a member occurs twice, because
// such a frame would not decode either. What cannot be read is no error: it is the end of what can
// be known.
func (f Format) Heading(beginning []byte) Heading {
	var v view
	ok := false
	switch f {
	case FormatJSON:
		ok = v.readHeadingJSON(beginning)
	case FormatMsgpack:
		ok = v.readHeadingMsgpack(beginning)
	}
	if !ok {
		return Heading{}
	}
	return Heading{
		Type:     FrameType(v.strings[memberType]),
		CorrelID: string(v.strings[memberCorrelID]),
		Channel:  string(v.strings[memberChannel]),
	}
}

// readHeadingJSON reads strings, and skips the rest. It reports false if a member occurs twice.
func (v *view) readHeadingJSON(beginning []byte) bool {
	s := codec.NewScanner(beginning)
	s.RequireUTF8()
	var seen members
	for s.Object(); s.Member(); {
		m := memberNamed(s.Key())
		switch {
		case seen.twice(m):
			return false
		case m == memberUnknown || m >= stringMembers:
			s.Skip()
		default:
			v.strings[m], _ = s.Text()
		}
	}
	return true
}

func (v *view) readHeadingMsgpack(beginning []byte) bool {
	r := msgpackReader{size: len(beginning), rest: beginning, maxDepth: MaxDepth}
	var seen members
	for range r.mapHeader() {
		m := memberNamed(r.key())
		switch {
		case r.err != nil:
			return true
		case seen.twice(m):
			return false
		case r.null():
		case m == memberUnknown || m >= stringMembers:
			r.skip(1)
		default:
			v.strings[m] = r.text()
		}
	}
	return true
}
