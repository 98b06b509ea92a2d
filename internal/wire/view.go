package wire

import (
	"encoding/json"
	"strings"
	"time"
)

// member is a member of a frame, or of its error detail.
type member uint8

const (
	memberUnknown member = iota
	memberID
	memberType
	memberMethod
	memberCorrelID
	memberToken
	memberAppID
	memberOrgID
	memberChannel
	memberMessage // of the error detail
	stringMembers // so many, the unknown one included, are strings
	memberData
	memberError
	memberCredits
	memberTS
	memberCode    // of the error detail
	memberDetails // of the error detail
	memberTopic   // of the event envelope
)

func memberNamed(key []byte) member {
	switch string(key) {
	case "id":
		return memberID
	case "type":
		return memberType
	case "method":
		return memberMethod
	case "correl_id":
		return memberCorrelID
	case "token":
		return memberToken
	case "app_id":
		return memberAppID
	case "org_id":
		return memberOrgID
	case "channel":
		return memberChannel
	case "data":
		return memberData
	case "error":
		return memberError
	case "credits":
		return memberCredits
	case "ts":
		return memberTS
	}
	return memberUnknown
}

func errorMemberNamed(key []byte) member {
	switch string(key) {
	case "code":
		return memberCode
	case "message":
		return memberMessage
	case "details":
		return memberDetails
	}
	return memberUnknown
}

// members is a set of them.
type members uint32

// twice adds a member and reports whether it was there. An unknown one may come as often as it likes.
//
// A second id, type or correl_id could route a frame differently here than at a peer that lets the
// first one win, so no member may stand there twice.
func (s *members) twice(m member) bool {
	bit := members(1) << m
	was := *s&bit != 0
	*s |= bit
	return was && m != memberUnknown
}

// view is a frame whose strings still alias the message that it was read from.
type view struct {
	strings  [stringMembers][]byte
	data     []byte
	hasError bool
	code     uint32
	details  []byte
	credits  uint32
	ts       time.Time
}

// store overwrites *fr with the frame. Strings that *fr holds already are kept; the
// others are copied into one piece of memory.
func (v *view) store(fr *Frame) {
	next := Frame{
		Type:    frameType(v.strings[memberType]),
		Data:    json.RawMessage(v.data),
		Credits: v.credits,
		TS:      v.ts,
	}
	var message string
	fields := [stringMembers]struct {
		was string
		is  *string
	}{
		memberID:       {fr.ID, &next.ID},
		memberMethod:   {fr.Method, &next.Method},
		memberCorrelID: {fr.CorrelID, &next.CorrelID},
		memberToken:    {fr.Token, &next.Token},
		memberAppID:    {fr.AppID, &next.AppID},
		memberOrgID:    {fr.OrgID, &next.OrgID},
		memberChannel:  {fr.Channel, &next.Channel},
		memberMessage:  {"", &message},
	}
	size := 0
	for m, f := range fields {
		if text := v.strings[m]; f.is != nil && len(text) > 0 {
			if string(text) == f.was {
				*f.is = f.was
			} else {
				size += len(text)
			}
		}
	}
	var all strings.Builder
	all.Grow(size)
	for m, f := range fields {
		if text := v.strings[m]; f.is != nil && *f.is == "" && len(text) > 0 {
			from := all.Len()
			all.Write(text)
			*f.is = all.String()[from:]
		}
	}
	if v.hasError {
		next.Error = &ErrorDetail{Code: v.code, Message: message, Details: v.details}
	}
	*fr = next
}

// frameType returns a copy of the text, without making one of a type that is known.
func frameType(text []byte) FrameType {
	switch string(text) {
	case string(TypeResponse):
		return TypeResponse
	case string(TypeEvent):
		return TypeEvent
	case string(TypeRequest):
		return TypeRequest
	case string(TypeError):
		return TypeError
	case string(TypePing):
		return TypePing
	case string(TypePong):
		return TypePong
	}
	return FrameType(text)
}
