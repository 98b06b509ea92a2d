package wire

import "github.com/xraph/dispatch/codec"

// The JSON codec of the frame. It is written by hand because a frame is read for
// every message: it aliases data, and it copies the strings of a frame in one piece.

func appendJSON(dst []byte, fr *Frame) (_ []byte, err error) {
	dst = append(dst, `{"id":`...)
	dst = codec.AppendString(dst, fr.ID)
	dst = append(dst, `,"type":`...)
	dst = codec.AppendString(dst, fr.Type)
	dst = appendMember(dst, `,"method":`, fr.Method)
	dst = appendMember(dst, `,"correl_id":`, fr.CorrelID)
	dst = appendMember(dst, `,"token":`, fr.Token)
	dst = appendMember(dst, `,"app_id":`, fr.AppID)
	dst = appendMember(dst, `,"org_id":`, fr.OrgID)
	if len(fr.Data) > 0 {
		dst = append(dst, `,"data":`...)
		if dst, err = codec.AppendRaw(dst, fr.Data); err != nil {
			return nil, err
		}
	}
	if fr.Error != nil {
		dst = append(dst, `,"error":`...)
		if dst, err = appendErrorJSON(dst, fr.Error); err != nil {
			return nil, err
		}
	}
	dst = appendMember(dst, `,"channel":`, fr.Channel)
	if fr.Credits != 0 {
		dst = append(dst, `,"credits":`...)
		dst = codec.AppendUint(dst, fr.Credits)
	}
	dst = append(dst, `,"ts":`...)
	if dst, err = codec.AppendTime(dst, fr.TS.UTC()); err != nil {
		return nil, err
	}
	return append(dst, '}'), nil
}

// appendMember appends a member unless it is empty.
func appendMember(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return codec.AppendString(append(dst, key...), value)
}

func appendErrorJSON(dst []byte, e *ErrorDetail) (_ []byte, err error) {
	dst = append(dst, `{"code":`...)
	dst = codec.AppendUint(dst, e.Code)
	dst = append(dst, `,"message":`...)
	dst = codec.AppendString(dst, e.Message)
	if len(e.Details) > 0 {
		dst = append(dst, `,"details":`...)
		if dst, err = codec.AppendRaw(dst, e.Details); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func decodeJSON(data []byte, fr *Frame) error {
	s := codec.NewScanner(data)
	s.RequireUTF8()
	var v view
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
			decodeErrorJSON(&s, &v)
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
	if err := s.End(); err != nil {
		return err
	}
	v.store(fr)
	return nil
}

func decodeErrorJSON(s *codec.Scanner, v *view) {
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
