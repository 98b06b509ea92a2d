package wire

import (
	"math"

	"github.com/tinylib/msgp/msgp"
)

// The msgpack codec of the frame: a map with the same members. data and details are
// JSON text in a bin, times are timestamps (ext -1), numbers are unsigned.

func appendMsgpack(dst []byte, fr *Frame) ([]byte, error) {
	texts := [...]struct{ key, value string }{
		{"method", fr.Method}, {"correl_id", fr.CorrelID}, {"token", fr.Token}, {"app_id", fr.AppID}, {"org_id", fr.OrgID},
	}
	if err := checkLengths(fr); err != nil {
		return nil, err
	}
	count := uint32(3)
	for _, t := range texts {
		count += one(t.value != "")
	}
	count += one(len(fr.Data) > 0) + one(fr.Error != nil) + one(fr.Channel != "") + one(fr.Credits != 0)

	dst = msgp.AppendMapHeader(dst, count)
	dst = msgp.AppendString(dst, "id")
	dst = msgp.AppendString(dst, fr.ID)
	dst = msgp.AppendString(dst, "type")
	dst = msgp.AppendString(dst, string(fr.Type))
	for _, t := range texts {
		if t.value != "" {
			dst = msgp.AppendString(dst, t.key)
			dst = msgp.AppendString(dst, t.value)
		}
	}
	if len(fr.Data) > 0 {
		dst = msgp.AppendString(dst, "data")
		dst = msgp.AppendBytes(dst, fr.Data)
	}
	if e := fr.Error; e != nil {
		dst = msgp.AppendString(dst, "error")
		dst = msgp.AppendMapHeader(dst, 2+one(len(e.Details) > 0))
		dst = msgp.AppendString(dst, "code")
		dst = msgp.AppendUint32(dst, e.Code)
		dst = msgp.AppendString(dst, "message")
		dst = msgp.AppendString(dst, e.Message)
		if len(e.Details) > 0 {
			dst = msgp.AppendString(dst, "details")
			dst = msgp.AppendBytes(dst, e.Details)
		}
	}
	if fr.Channel != "" {
		dst = msgp.AppendString(dst, "channel")
		dst = msgp.AppendString(dst, fr.Channel)
	}
	if fr.Credits != 0 {
		dst = msgp.AppendString(dst, "credits")
		dst = msgp.AppendUint32(dst, fr.Credits)
	}
	dst = msgp.AppendString(dst, "ts")
	return msgp.AppendTimeExt(dst, fr.TS), nil
}

func one(present bool) uint32 {
	if present {
		return 1
	}
	return 0
}

// checkLengths refuses what has more bytes than msgpack can count; msgp would wrap around.
func checkLengths(fr *Frame) error {
	longest := max(len(fr.ID), len(fr.Type), len(fr.Method), len(fr.CorrelID), len(fr.Token), len(fr.AppID), len(fr.OrgID), len(fr.Data), len(fr.Channel))
	if fr.Error != nil {
		longest = max(longest, len(fr.Error.Message), len(fr.Error.Details))
	}
	if int64(longest) > math.MaxUint32 {
		return ErrTooLarge
	}
	return nil
}

func decodeMsgpack(data []byte, fr *Frame) error {
	r := msgpackReader{size: len(data), rest: data}
	var v view
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
			v.decodeErrorMsgpack(&r)
		case m == memberCredits:
			v.credits = r.uint32()
		case m == memberTS:
			v.ts = r.time()
		default:
			v.strings[m] = r.text()
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	v.store(fr)
	return nil
}

func (v *view) decodeErrorMsgpack(r *msgpackReader) {
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
			v.details = r.document()
		default:
			r.skip(2)
		}
	}
}
