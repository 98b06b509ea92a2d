package devserver

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/faultframe"
	"github.com/xraph/dispatch/internal/wire"
)

// This file applies faults at a fault point, and carries out their effects.

// faultPoint is a place at which faults can act: a frame on its way in or out, or an upgrade. It
// collects the effects of the faults that act there.
type faultPoint struct {
	conn   *conn
	dir    Direction
	frame  *wire.Frame      // nil at an upgrade
	method string           // of the request, or of the request that is answered
	event  client.EventType // of an event

	delay    time.Duration
	copies   int // how many times the frame is passed on
	hold     bool
	refusal  error
	upgrade  *upgradeRefusal
	message  []byte // sent in place of the frame, if garbage
	garbage  bool
	raw      bool // message is not put into a WebSocket frame
	altered  bool // a fault changed the frame
	cut      int  // bytes until the cut, -1 for none
	closing  []byte
	halfOpen bool
	readRate int // bytes a second, -1 for no limit
	calls    []func()
}

// apply adds the effects of a fault.
func (m *faultPoint) apply(f fault.Fault) {
	p := f.Params()
	switch f.Name() {
	case fault.NameRefuse:
		m.refusal = Errorf(client.Code(p.Code), "%s", p.Text)
		m.upgrade = &upgradeRefusal{status: httpStatus(uint32(p.Code)), body: p.Text}
	case fault.NameRefuseUpgrade:
		m.upgrade = &upgradeRefusal{status: p.Code, header: p.Header, body: http.StatusText(p.Code)}
	case fault.NameDelay:
		m.delay += p.Delay
	case fault.NameDrop:
		m.copies = 0
	case fault.NameDuplicate:
		if m.copies > 0 {
			m.copies++
		}
	case fault.NameReorder:
		m.hold = true
	case fault.NameRewrite:
		fr := faultframe.From(m.frame)
		p.Rewrite(fr)
		m.frame, m.altered = faultframe.To(fr), true
	case fault.NameGarbage, fault.NameRawBytes:
		m.message, m.garbage, m.raw = []byte(p.Text), true, f.Name() == fault.NameRawBytes
	case fault.NameCut:
		m.cut = p.Bytes
	case fault.NameClose:
		m.closing = closeBody(p.Code, p.Text)
	case fault.NameHalfOpen:
		m.halfOpen = true
	case fault.NameSlowRead:
		m.readRate = p.Rate
	case fault.NameStarve:
		m.calls = append(m.calls, func() { m.conn.srv.broker.starve(m.conn.sub) })
	case fault.NameDo:
		m.calls = append(m.calls, p.Do)
	}
}

// wait waits for the delay to pass, or for the connection to end.
func (m *faultPoint) wait() {
	if m.delay <= 0 {
		return
	}
	t := time.NewTimer(m.delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-m.conn.done:
	}
}

// applyConn carries out the effects on the connection, as opposed to those on the frame.
func (m *faultPoint) applyConn() {
	if m.readRate >= 0 {
		m.conn.link.readRate.Store(int64(m.readRate))
	}
	if m.halfOpen {
		m.conn.link.mute.Store(true)
	}
	for _, call := range m.calls {
		call()
	}
}

// refusesSession reports whether a refused request ends the connection.
func (m *faultPoint) refusesSession() bool {
	return m.method == client.MethodAuth && client.Code(detail(m.refusal).Code) == client.CodeUnauthorized
}

// upgradeRefusal is the HTTP response to a refused upgrade.
type upgradeRefusal struct {
	status int
	header http.Header
	body   string
}

// write answers the request for an upgrade as [http.Error] does, with Connection: close.
func (u *upgradeRefusal) write(to io.Writer, r *http.Request) error {
	if u.status < 200 || u.status > 999 {
		u.status = http.StatusInternalServerError // other statuses are not final
	}
	body := u.body + "\n"
	if u.status == http.StatusNoContent || u.status == http.StatusNotModified {
		body = "" // these have none
	}
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	maps.Copy(header, u.header)
	var out bytes.Buffer // so that a cut counts the bytes of one write
	answer := http.Response{
		ProtoMajor: 1, ProtoMinor: 1, Request: r, Close: true, StatusCode: u.status,
		Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	if err := answer.Write(&out); err != nil {
		return err
	}
	_, err := to.Write(out.Bytes())
	return err
}

// closeBody is the payload of a close frame.
func closeBody(code int, reason string) []byte {
	if code == 0 {
		return []byte{}
	}
	return ws.NewCloseFrameBody(ws.StatusCode(code), reason)
}
