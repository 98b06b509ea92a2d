package devserver

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/wire"
)

// This file decodes frames and the data of requests as production servers do, with the leniency of
// encoding/json: names match in any case, the last of several equal members counts, null is
// absence. A strict server also requires what the schema requires.

// decodeFrame decodes a message that holds exactly one frame.
func (c *config) decodeFrame(format wire.Format, message []byte, fr *wire.Frame) error {
	if format == wire.FormatMsgpack {
		if err := decodeMsgpack(message, fr); err != nil {
			return err
		}
	} else {
		var f jsonFrame
		if err := json.Unmarshal(message, &f); err != nil {
			return err
		}
		f.store(fr)
	}
	if !c.strict {
		return nil
	}
	if err := format.Decode(message, new(wire.Frame)); err != nil {
		return err
	}
	return complete(fr)
}

// jsonFrame is a frame as encoding/json decodes it, without the methods of [wire.Frame].
type jsonFrame struct {
	ID       string          `json:"id"`
	Type     wire.FrameType  `json:"type"`
	Method   string          `json:"method"`
	CorrelID string          `json:"correl_id"`
	Token    string          `json:"token"`
	AppID    string          `json:"app_id"`
	OrgID    string          `json:"org_id"`
	Data     json.RawMessage `json:"data"`
	Error    *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Details json.RawMessage `json:"details"`
	} `json:"error"`
	Channel string    `json:"channel"`
	Credits int64     `json:"credits"`
	TS      time.Time `json:"ts"`
}

// store overwrites a frame. It leaves out the error, which has no meaning in a frame from a client.
func (f *jsonFrame) store(fr *wire.Frame) {
	*fr = wire.Frame{
		ID: f.ID, Type: f.Type, Method: f.Method, CorrelID: f.CorrelID, Token: f.Token, AppID: f.AppID, OrgID: f.OrgID,
		Data: f.Data, Channel: f.Channel, Credits: granted(f.Credits), TS: f.TS,
	}
}

// granted returns how many credits a frame grants: none if the number is negative, and at most what
// a frame can hold.
func granted(credits int64) uint32 {
	return uint32(min(max(credits, 0), math.MaxUint32))
}

// complete returns an error if a frame lacks what the schema requires.
func complete(fr *wire.Frame) error {
	switch fr.Type {
	case wire.TypeRequest, wire.TypeResponse, wire.TypeError, wire.TypeEvent, wire.TypePing, wire.TypePong:
	default:
		return errors.New("the frame has no known type")
	}
	if fr.ID == "" || fr.TS.IsZero() {
		return errors.New("a frame has an id and a ts")
	}
	return nil
}

// decodeData decodes a request's data into the struct that q points to.
func decodeData(data json.RawMessage, q any, strict bool) error {
	// encoding/json decodes into a struct type without the methods of q's type. A RawMessage in it
	// that stays nil was absent, not null.
	target := reflect.ValueOf(q).Elem()
	fields := reflect.VisibleFields(target.Type())
	for i := range fields {
		if fields[i].Type.Kind() == reflect.Interface {
			fields[i].Type = reflect.TypeFor[json.RawMessage]()
		}
	}
	plain := reflect.New(reflect.StructOf(fields))
	if err := json.Unmarshal(data, plain.Interface()); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			if wrong.Field == "" {
				wrong.Type = target.Type()
			} else {
				wrong.Struct = target.Type().Name()
			}
		}
		return err
	}
	for i := range fields {
		from := plain.Elem().Field(i)
		if raw, ok := reflect.TypeAssert[json.RawMessage](from); ok && raw == nil {
			continue
		}
		target.Field(i).Set(from)
	}
	if !strict {
		return nil
	}
	if err := codec.Unmarshal(data, reflect.New(target.Type()).Interface()); err != nil {
		return err
	}
	return present(data, target.Type())
}

// present returns an error if data lacks a required member, or has an empty string: in a request,
// no string may be empty.
func present(data json.RawMessage, q reflect.Type) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	for _, f := range reflect.VisibleFields(q) {
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		value, ok := members[name]
		if !ok && option == "" || string(value) == `""` && f.Type.Kind() == reflect.String {
			return errors.New(name + " is missing or empty")
		}
	}
	return nil
}
