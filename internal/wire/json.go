package wire

import "github.com/xraph/dispatch/codec"

// The general decoder of a frame in JSON. It is not the generated one, which would copy: a frame is
// read for every message, so it aliases data.

func (v *view) readJSON(data []byte, depth int) error {
	s := codec.NewScanner(data)
	s.RequireUTF8()
	s.LimitDepth(depth)
	var seen members
	if !s.Object() && s.Err() == nil {
		s.Fail(ErrWrongType, "expected a frame, not null")
	}
	for s.Member() {
		m := memberNamed(s.Key())
		if seen.twice(m) {
			s.Fail(ErrDuplicate, "")
			break
		}
		if s.Null() {
			continue
		}
		switch m {
		case memberData:
			v.data = s.Raw()
		case memberError:
			v.readErrorJSON(&s)
		case memberCredits:
			codec.ScanUint(&s, &v.credits)
		case memberTS:
			codec.ScanTime(&s, &v.ts)
			v.ts = v.ts.UTC()
		case memberUnknown:
			s.Skip()
		default:
			v.strings[m], _ = s.Text()
		}
	}
	return s.End()
}

func (v *view) readErrorJSON(s *codec.Scanner) {
	v.hasError = true
	var seen members
	s.Object()
	for s.Member() {
		m := errorMemberNamed(s.Key())
		if seen.twice(m) {
			s.Fail(ErrDuplicate, "")
			return
		}
		switch {
		case s.Null():
		case m == memberCode:
			codec.ScanUint(s, &v.code)
		case m == memberMessage:
			v.strings[m], _ = s.Text()
		case m == memberDetails:
			v.details = s.Raw()
		default:
			s.Skip()
		}
	}
}
