package devserver

import (
	"maps"
	"net/http"
	"time"

	"github.com/xraph/dispatch/client"
)

// This file is the list of the faults there are.

// upgradeRefusal is the HTTP response to a refused upgrade.
type upgradeRefusal struct {
	status int
	header http.Header
	body   string
}

func (u *upgradeRefusal) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), u.header)
	http.Error(w, u.body, u.status)
}

// Refuse answers a request with an error instead of serving it; at a reply, the request has been
// served and is answered with the error all the same. At an upgrade the code is the HTTP status. An auth request refused with [client.CodeUnauthorized] ends the connection, as it
// does when its token is wrong; everything else goes on.
func Refuse(code int, message string, m Match) Fault {
	return Fault{m, func(at *moment) {
		at.refusal = Errorf(code, "%s", message)
		at.upgrade = &upgradeRefusal{status: code, body: message}
	}}
}

// RefuseUpgrade answers an upgrade with an HTTP status and header, such as Retry-After.
func RefuseUpgrade(status int, header http.Header, m Match) Fault {
	return Fault{m, func(at *moment) {
		at.upgrade = &upgradeRefusal{status: status, header: header, body: http.StatusText(status)}
	}}
}

// Delay holds a frame, or an upgrade, up for d. What comes behind it in its direction waits too; the other
// direction does not, but replies wait for the requests that they answer.
func Delay(d time.Duration, m Match) Fault {
	return Fault{m, func(at *moment) { at.delay += d }}
}

// Drop loses a frame. A request that is lost is not served.
func Drop(m Match) Fault {
	return Fault{m, func(at *moment) { at.copies = 0 }}
}

// Duplicate passes a frame on twice. A request that comes twice is served twice.
func Duplicate(m Match) Fault {
	return Fault{m, func(at *moment) {
		if at.copies > 0 {
			at.copies++
		}
	}}
}

// Reorder passes a frame on after the one that follows it in its direction. If none
// follows, it is lost with the connection.
func Reorder(m Match) Fault {
	return Fault{m, func(at *moment) { at.hold = true }}
}

// Rewrite lets f alter a frame before it is passed on. f replaces what Data and Error hold,
// it does not change it in place.
func Rewrite(f func(*Frame), m Match) Fault {
	return Fault{m, func(at *moment) {
		if at.frame != nil {
			f(at.frame)
			at.altered = true
		}
	}}
}

// Garbage sends a text message in place of an outbound frame.
func Garbage(message []byte, m Match) Fault {
	return Fault{m, func(at *moment) { at.message, at.garbage, at.raw = message, true, false }}
}

// RawBytes puts bytes on the connection, in no WebSocket frame but what they are
// themselves, in place of an outbound frame.
func RawBytes(bytes []byte, m Match) Fault {
	return Fault{m, func(at *moment) { at.message, at.garbage, at.raw = bytes, true, true }}
}

// Cut drops the connection in place of a frame, without a word. A request that is cut off is not served.
// At an upgrade the client gets no answer.
func Cut(m Match) Fault { return CutAfter(0, m) }

// CutAfter drops the connection when n more bytes have been sent, counted from the
// beginning of a frame with its WebSocket header, or of the answer to an upgrade; n may
// reach into what follows. An inbound frame is dropped with the connection and not
// served, wherever the cut is.
func CutAfter(n int, m Match) Fault {
	return Fault{m, func(at *moment) { at.cut = n }}
}

// CloseWith sends a WebSocket close frame in place of a frame and drops the connection. The code 0 is
// a close frame without a code.
func CloseWith(code int, reason string, m Match) Fault {
	return Fault{m, func(at *moment) { at.closing = closeBody(code, reason) }}
}

// HalfOpen lets the connection look open from then on: what comes is read and ignored, and
// nothing is sent any more, the frame itself included. At an upgrade not even that is answered.
func HalfOpen(m Match) Fault {
	return Fault{m, func(at *moment) { at.halfOpen = true }}
}

// SlowRead has the server read no more than so many bytes a second from then on. With 0
// it reads nothing any more.
func SlowRead(bytesPerSecond int, m Match) Fault {
	return Fault{m, func(at *moment) { at.readRate = bytesPerSecond }}
}

// Starve takes all credits of the connection away. Together with Drop([Grants]()) it
// gets no event any more.
func Starve(m Match) Fault {
	return Fault{m, func(at *moment) {
		at.calls = append(at.calls, func() { at.conn.srv.broker.starve(at.conn.sub) })
	}}
}

// Do calls f, on the connection's goroutine and before the frame is passed on. f must not wait for
// that connection: what does, such as [Server.Close], gets a goroutine of its own.
func Do(f func(), m Match) Fault {
	return Fault{m, func(at *moment) { at.calls = append(at.calls, f) }}
}

// refusesSession reports whether a refused request ends the connection.
func (m *moment) refusesSession() bool {
	return m.method == client.MethodAuth && detail(m.refusal).Code == client.CodeUnauthorized
}
