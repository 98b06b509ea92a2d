package wire

// The general decoder of a frame in msgpack, a map with the same members. data and details are JSON
// text in a bin, times are timestamps, numbers are unsigned. It aliases like the one for JSON.

func (v *view) readMsgpack(data []byte, depth int) error {
	r := msgpackReader{size: len(data), rest: data, maxDepth: min(depth, MaxDepth)}
	var seen members
	for range r.mapHeader() {
		m := memberNamed(r.key())
		if seen.twice(m) {
			r.fail(ErrDuplicate, "")
		}
		switch {
		case r.err != nil:
			return r.err
		case r.null():
		case m == memberUnknown:
			r.skip(1)
		case m == memberData:
			v.data = r.document()
		case m == memberError:
			v.readErrorMsgpack(&r)
		case m == memberCredits:
			v.credits = r.uint32()
		case m == memberTS:
			v.ts = r.time()
		default:
			v.strings[m] = r.text()
		}
	}
	return r.end()
}

func (v *view) readErrorMsgpack(r *msgpackReader) {
	v.hasError = true
	var seen members
	for range r.mapHeader() {
		m := errorMemberNamed(r.key())
		if seen.twice(m) {
			r.fail(ErrDuplicate, "")
		}
		switch {
		case r.err != nil:
			return
		case r.null():
		case m == memberCode:
			v.code = r.uint32()
		case m == memberMessage:
			v.strings[m] = r.text()
		case m == memberDetails:
			v.details = r.details()
		default:
			r.skip(2)
		}
	}
}
