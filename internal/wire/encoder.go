package wire

import (
	"bytes"
	"math"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// Encoder appends the requests of one connection. It is not safe for concurrent use.
type Encoder struct {
	format Format
	ids    *IDs
	sent   stamp
}

// NewEncoder returns an encoder of requests in this format, with ids of this source.
func NewEncoder(f Format, ids *IDs) *Encoder { return &Encoder{format: f, ids: ids} }

// AppendRequest appends the request with the id of number n, as [Format.Append] appends its frame
// and with its errors, but it trusts data: they have to be what [codec.AppendAny] appends, or
// nothing. Only how deep they are nested is checked, where that may be too deep.
func (e *Encoder) AppendRequest(dst []byte, n uint64, method string, data []byte, ts time.Time) ([]byte, error) {
	if mayBeTooDeep(data) || uint64(len(data))+uint64(len(method)) > math.MaxInt32 {
		return e.append(dst, n, method, data, ts)
	}
	if e.format == FormatMsgpack {
		return e.appendMsgpack(dst, n, method, data, ts), nil
	}
	return e.appendJSON(dst, n, method, data, ts)
}

// append appends any request.
func (e *Encoder) append(dst []byte, n uint64, method string, data []byte, ts time.Time) ([]byte, error) {
	return e.format.Append(dst, &Frame{ID: string(e.ids.Append(nil, n)), Type: TypeRequest, Method: method, Data: data, TS: ts})
}

func (e *Encoder) appendJSON(dst []byte, n uint64, method string, data []byte, ts time.Time) ([]byte, error) {
	out := e.ids.Append(append(dst, `{"id":"`...), n)
	out = append(out, `","type":"request"`...)
	if method != "" {
		out = append(out, `,"method":`...)
		out = codec.AppendString(out, method)
	}
	if len(data) > 0 {
		out = append(out, `,"data":`...)
		out = append(out, data...)
	}
	out = append(out, `,"ts":"`...)
	out, ok := e.sent.append(out, ts)
	if !ok {
		return e.append(dst, n, method, data, ts)
	}
	return append(out, `"}`...), nil
}

func (e *Encoder) appendMsgpack(dst []byte, n uint64, method string, data []byte, ts time.Time) []byte {
	members := byte(5)
	if method == "" {
		members--
	}
	if len(data) == 0 {
		members--
	}
	dst = append(dst, shortMap|members, shortString|2, 'i', 'd', 0)
	size := len(dst)
	dst = e.ids.Append(dst, n)
	dst[size-1] = shortString | byte(len(dst)-size) // at most 31: the prefix, a dash and 20 digits
	dst = append(dst, "\xa4type\xa7request"...)
	if method != "" {
		dst = append(dst, "\xa6method"...)
		dst = msgp.AppendString(dst, method)
	}
	if len(data) > 0 {
		dst = append(dst, "\xa4data"...)
		dst = msgp.AppendBytes(dst, data)
	}
	dst = append(dst, "\xa2ts"...)
	return msgp.AppendTimeExt(dst, ts)
}

// mayBeTooDeep reports whether so many containers are opened in a JSON text that it may be nested
// too deeply.
func mayBeTooDeep(text []byte) bool {
	return len(text) > 2*MaxDepth && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > MaxDepth
}
