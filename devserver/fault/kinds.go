package fault

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// This file is the list of the faults there are.

// Refuse answers a request with an error instead of serving it; at a reply, the request has been served and is answered with the
// error all the same. At an upgrade the code is the HTTP status, or 500 if it is none of an error. An auth request refused with
// 401 ends the connection, as it does when its token is wrong; everything else goes on.
func Refuse(code int, message string, m Match) Fault {
	return Fault{NameRefuse, m, Params{Code: code, Text: message}}
}

// RefuseUpgrade answers an upgrade with an HTTP status from 200 to 999, and a header, such as Retry-After.
func RefuseUpgrade(status int, header http.Header, m Match) Fault {
	own := http.Header{}
	for key, values := range header {
		for _, value := range values {
			own.Add(key, value)
		}
	}
	if len(own) == 0 {
		own = nil
	}
	return Fault{NameRefuseUpgrade, m, Params{Code: status, Header: own}}
}

// Delay holds a frame, or an upgrade, up for d. What comes behind it in its direction waits too; the other
// direction does not, but replies wait for the requests that they answer.
func Delay(d time.Duration, m Match) Fault { return Fault{NameDelay, m, Params{Delay: max(d, 0)}} }

// Drop loses a frame. A request that is lost is not served.
func Drop(m Match) Fault { return Fault{NameDrop, m, Params{}} }

// Duplicate passes a frame on twice. A request that comes twice is served twice.
func Duplicate(m Match) Fault { return Fault{NameDuplicate, m, Params{}} }

// Reorder passes a frame on after the one that follows it in its direction. If none
// follows, it is lost with the connection.
func Reorder(m Match) Fault { return Fault{NameReorder, m, Params{}} }

// Rewrite lets f alter a frame before it is passed on. f replaces what Data and Error hold,
// it does not change it in place. It runs on the connection's goroutine and keeps nothing.
func Rewrite(f func(*Frame), m Match) Fault { return Fault{NameRewrite, m, Params{Rewrite: f}} }

// Garbage sends a text message in place of an outbound frame.
func Garbage(message []byte, m Match) Fault {
	return Fault{NameGarbage, m, Params{Text: string(message)}}
}

// RawBytes puts bytes on the connection, in no WebSocket frame but what they are
// themselves, in place of an outbound frame.
func RawBytes(bytes []byte, m Match) Fault {
	return Fault{NameRawBytes, m, Params{Text: string(bytes)}}
}

// Cut drops the connection in place of a frame, without a word. A request that is cut off is not served.
// At an upgrade the client gets no answer.
func Cut(m Match) Fault { return CutAfter(0, m) }

// CutAfter drops the connection when n more bytes have been sent, counted from the
// beginning of a frame with its WebSocket header, or of the answer to an upgrade; n may
// reach into what follows. An inbound frame is dropped with the connection and not
// served, wherever the cut is.
func CutAfter(n int, m Match) Fault { return Fault{NameCut, m, Params{Bytes: max(n, 0)}} }

// CloseWith sends a WebSocket close frame in place of a frame and drops the connection. The code 0 is
// a close frame without a code.
func CloseWith(code int, reason string, m Match) Fault {
	return Fault{NameClose, m, Params{Code: code, Text: reason}}
}

// HalfOpen lets the connection look open from then on: what comes is read and ignored, and
// nothing is sent any more, the frame itself included. At an upgrade not even that is answered.
func HalfOpen(m Match) Fault { return Fault{NameHalfOpen, m, Params{}} }

// SlowRead has the server read no more than so many bytes a second from then on. With 0
// it reads nothing any more.
func SlowRead(bytesPerSecond int, m Match) Fault {
	return Fault{NameSlowRead, m, Params{Rate: max(bytesPerSecond, 0)}}
}

// Starve takes all credits of the connection away. Together with Drop([Grants]()) it
// gets no event any more.
func Starve(m Match) Fault { return Fault{NameStarve, m, Params{}} }

// Do calls f, on the connection's goroutine and before the frame is passed on. f must not wait for
// that connection: what does, such as closing the server, gets a goroutine of its own.
func Do(f func(), m Match) Fault { return Fault{NameDo, m, Params{Do: f}} }

// kind is where a kind of fault can act, and what its text form holds besides the match.
type kind struct {
	acts   func(Point) bool
	bare   string   // the parameter that is written without its key
	params []string // further parameters
	min    int      // of the code
	max    int
}

func anywhere(Point) bool      { return true }
func atUpgrades(m Point) bool  { return m.Frame == nil }
func atFrames(m Point) bool    { return m.Frame != nil }
func atOutbound(m Point) bool  { return m.Frame != nil && !m.Inbound }
func atQuestions(m Point) bool { return m.Frame == nil || m.Inbound || m.Method != "" }
func never(Point) bool         { return false }

var kinds = map[Name]kind{
	"":                {acts: never},
	NameRefuse:        {acts: atQuestions, bare: "code", params: []string{"text"}, min: 1, max: 1<<31 - 1},
	NameRefuseUpgrade: {acts: atUpgrades, bare: "code", params: []string{"header"}, min: 200, max: 999},
	NameDelay:         {acts: anywhere, bare: "delay"},
	NameDrop:          {acts: atFrames},
	NameDuplicate:     {acts: atFrames},
	NameReorder:       {acts: atFrames},
	NameRewrite:       {acts: atFrames},
	NameGarbage:       {acts: atOutbound, params: []string{"text"}},
	NameRawBytes:      {acts: atOutbound, params: []string{"text"}},
	NameCut:           {acts: anywhere, params: []string{"bytes"}},
	NameClose:         {acts: atFrames, bare: "code", params: []string{"text"}, max: 1<<16 - 1},
	NameHalfOpen:      {acts: anywhere},
	NameSlowRead:      {acts: anywhere, bare: "rate"},
	NameStarve:        {acts: anywhere},
	NameDo:            {acts: anywhere},
}

// Names returns the names of all kinds of faults, sorted.
func Names() []Name { return slices.Sorted(maps.Keys(kinds))[1:] } // without the zero Fault's
