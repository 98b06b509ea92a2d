package wire

import (
	"bytes"
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
	memberEnd
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

// twice adds a member and reports whether it was there. An unknown one may come as often as it
// likes.
//
// A second id, type or correl_id could route a frame differently here than at a peer that lets the
// first one win, so duplicate members are refused.
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
	texts := v.copies([stringMembers]string{
		memberID: fr.ID, memberType: known(v.strings[memberType]), memberMethod: fr.Method, memberCorrelID: fr.CorrelID, memberToken: fr.Token,
		memberAppID: fr.AppID, memberOrgID: fr.OrgID, memberChannel: fr.Channel,
	})
	// Without names of fields, so that the compiler misses a value for one that is added.
	*fr = Frame(frameMembers{
		texts[memberID], FrameType(texts[memberType]), texts[memberMethod], texts[memberCorrelID], texts[memberToken],
		texts[memberAppID], texts[memberOrgID], v.data, nil, texts[memberChannel], v.credits, v.ts,
	})
	if v.hasError {
		detail := ErrorDetail(errorMembers{v.code, texts[memberMessage], v.details})
		fr.Error = &detail
	}
}

// detail returns a copy of the error detail, nil if there is none.
func (v *view) detail() *ErrorDetail {
	if !v.hasError {
		return nil
	}
	detail := ErrorDetail(errorMembers{v.code, string(v.strings[memberMessage]), bytes.Clone(v.details)})
	return &detail
}

func (v *view) frameType() FrameType {
	if t := known(v.strings[memberType]); t != "" {
		return FrameType(t)
	}
	return FrameType(v.strings[memberType])
}

// copies returns the strings; where one is as it was, that one.
func (v *view) copies(was [stringMembers]string) [stringMembers]string {
	size := 0
	for m, text := range v.strings {
		if string(text) != was[m] {
			size += len(text)
		}
	}
	var all strings.Builder
	all.Grow(size)
	for m, text := range v.strings {
		if string(text) != was[m] {
			from := all.Len()
			all.Write(text)
			was[m] = all.String()[from:]
		}
	}
	return was
}

// known returns the text, without making a copy of it, if it is a known type of frame.
func known(text []byte) string {
	switch string(text) {
	case string(TypeResponse):
		return string(TypeResponse)
	case string(TypeEvent):
		return string(TypeEvent)
	case string(TypeRequest):
		return string(TypeRequest)
	case string(TypeError):
		return string(TypeError)
	case string(TypePing):
		return string(TypePing)
	case string(TypePong):
		return string(TypePong)
	}
	return ""
}
