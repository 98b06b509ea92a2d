package fault

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/xraph/dispatch/client"
)

// This file lists the kinds of faults.

// Refuse answers a request with an error instead of serving it. At a reply, the request has been
// served and is answered with the error nevertheless. At an upgrade, code is the HTTP status, or
// 500 if it is not an error's.
//
// An auth request that is refused with 401 ends the connection, as with a wrong token. Other
// refusals leave it open.
func Refuse(code client.Code, message string, m Match) Fault {
	return Fault{NameRefuse, m, Params{Code: int(code), Text: message}}
}

// RefuseUpgrade answers an upgrade with an HTTP status from 200 to 999, and a header, such as
// Retry-After. Another status becomes 500. It copies the header.
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

// Delay delays a frame, or an upgrade, by d; less than 0 counts as 0. Later frames in the same
// direction wait too. The other direction does not, but replies wait for the requests that they
// answer.
func Delay(d time.Duration, m Match) Fault { return Fault{NameDelay, m, Params{Delay: max(d, 0)}} }

// Drop discards a frame. A dropped request is not served.
func Drop(m Match) Fault { return Fault{NameDrop, m, Params{}} }

// Duplicate passes a frame on twice. A duplicated request is served twice.
func Duplicate(m Match) Fault { return Fault{NameDuplicate, m, Params{}} }

// Reorder passes a frame on after the next one in its direction. If there is none, the frame is
// lost with the connection.
func Reorder(m Match) Fault { return Fault{NameReorder, m, Params{}} }

// Rewrite calls f, which may change a frame before it is passed on. f replaces what Data and Error
// refer to, and does not change it in place. It runs on a goroutine of the connection and must not
// keep the frame.
func Rewrite(f func(*Frame), m Match) Fault { return Fault{NameRewrite, m, Params{Rewrite: f}} }

// Garbage sends message as a text message in place of an outbound frame.
func Garbage(message []byte, m Match) Fault {
	return Fault{NameGarbage, m, Params{Text: string(message)}}
}

// RawBytes sends bytes in place of an outbound frame, without a WebSocket header.
func RawBytes(bytes []byte, m Match) Fault {
	return Fault{NameRawBytes, m, Params{Text: string(bytes)}}
}

// Cut drops the connection, without a close frame, in place of a frame or of the answer to an
// upgrade. A request that is cut off is not served.
func Cut(m Match) Fault { return CutAfter(0, m) }

// CutAfter drops the connection when n more bytes have been sent, counted from the beginning of a
// frame with its WebSocket header, or of the answer to an upgrade. n may be more than that frame
// has; less than 0 counts as 0. An inbound frame is dropped at once with the connection and not
// served.
func CutAfter(n int, m Match) Fault { return Fault{NameCut, m, Params{Bytes: max(n, 0)}} }

// CloseWith sends a WebSocket close frame in place of a frame, and drops the connection. With code
// 0 the close frame has no code.
func CloseWith(code int, reason string, m Match) Fault {
	return Fault{NameClose, m, Params{Code: code, Text: reason}}
}

// HalfOpen makes the connection half-open: from this point on, the server reads and ignores its
// input and sends nothing, neither the frame itself nor the answer to an upgrade.
func HalfOpen(m Match) Fault { return Fault{NameHalfOpen, m, Params{}} }

// SlowRead limits how fast the server reads the connection, in bytes a second, from this point on.
// With 0 or less it reads nothing.
func SlowRead(bytesPerSecond int, m Match) Fault {
	return Fault{NameSlowRead, m, Params{Rate: max(bytesPerSecond, 0)}}
}

// Starve sets the credits of the connection to 0. Together with Drop([Grants]()) it receives no
// events.
func Starve(m Match) Fault { return Fault{NameStarve, m, Params{}} }

// Do calls f, on a goroutine of the connection, before the frame is passed on. f must not wait for
// that connection: start a goroutine for what does, such as closing the server.
func Do(f func(), m Match) Fault { return Fault{NameDo, m, Params{Do: f}} }

// kind says where a kind of fault can act, and what its text form contains besides the match.
type kind struct {
	acts   func(Point) bool
	bare   string   // the parameter that is written without its key
	params []string // further parameters
	min    int      // of the code
	max    int
}

func anywhere(Point) bool       { return true }
func atUpgrades(m Point) bool   { return m.Frame == nil }
func atFrames(m Point) bool     { return m.Frame != nil }
func atOutbound(m Point) bool   { return m.Frame != nil && !m.Inbound }
func atAnswerable(m Point) bool { return m.Frame == nil || m.Inbound || m.Method != "" }
func never(Point) bool          { return false }

var kinds = map[Name]kind{
	"":                {acts: never},
	NameRefuse:        {acts: atAnswerable, bare: "code", params: []string{"text"}, min: 1, max: 1<<31 - 1},
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

// Names returns the names of all kinds, sorted, as a new slice.
func Names() []Name { return slices.Sorted(maps.Keys(kinds))[1:] } // without that of the zero Fault
