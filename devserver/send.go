package devserver

import (
	"errors"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// writing takes the write lock, calls f and flushes what it appended to the stream.
func (c *conn) writing(f func()) error {
	select {
	case c.writeLock <- struct{}{}:
	case <-c.done:
		return errDropped
	}
	defer func() { <-c.writeLock }()
	f()
	return c.stream.flush()
}

// send writes a frame. method is that of the request that it answers, empty for none.
func (c *conn) send(fr *wire.Frame, method string) error {
	var err error
	return errors.Join(c.writing(func() { err = c.append(faultPoint{conn: c, dir: Outbound, frame: fr, method: method}) }), err)
}

// append appends a frame to the stream, with the effects of faults.
func (c *conn) append(m faultPoint) error {
	raw, err := c.format.Append(nil, m.frame)
	if err != nil {
		return err
	}
	fault := c.srv.faults.at(m)
	if fault == nil {
		c.pass(m.frame, raw, 1, false)
		c.release()
		return nil
	}
	// The effects must not delay or cut frames that were appended before.
	if err := c.stream.flush(); err != nil {
		return err
	}
	fault.applyConn()
	fault.wait()
	if fault.cut >= 0 {
		c.link.cutAfter(fault.cut)
	}
	switch {
	case fault.closing != nil:
		c.stream.append(ws.OpClose, fault.closing)
		return errors.Join(errCut, c.stream.flush())
	case fault.garbage:
		c.sendGarbage(fault)
		return nil
	case fault.refusal != nil && fault.method != "":
		fault.frame, fault.altered = c.srv.refusal(fault.frame.CorrelID, fault.refusal), true
	}
	if fault.altered {
		if raw, err = c.format.Append(nil, fault.frame); err != nil {
			return err
		}
	}
	pass := func() { c.pass(fault.frame, raw, fault.copies, fault.altered) }
	if fault.hold {
		c.heldOut = append(c.heldOut, pass)
		return nil
	}
	pass()
	c.release()
	return nil
}

// pass appends a frame that many times. msgpack is sent in text messages too, as production servers
// do.
func (c *conn) pass(fr *wire.Frame, raw []byte, copies int, altered bool) {
	for i := range copies {
		c.report(Outbound, ws.OpText, raw, fr, nil, altered || i > 0)
		c.stream.append(ws.OpText, raw)
	}
}

// release appends the frames that a Reorder held back.
func (c *conn) release() {
	for _, pass := range c.heldOut {
		pass()
	}
	c.heldOut = nil
}

// sendGarbage appends garbage in place of a frame.
func (c *conn) sendGarbage(fault *faultPoint) {
	for range fault.copies {
		c.report(Outbound, ws.OpText, fault.message, nil, nil, true)
		if fault.raw {
			c.stream.out = append(c.stream.out, fault.message...)
		} else {
			c.stream.append(ws.OpText, fault.message)
		}
	}
}

// writeEvents writes queued events until the connection ends.
func (c *conn) writeEvents() {
	defer c.drop()
	for {
		select {
		case <-c.sub.wake:
		case <-c.done:
			return
		}
		for events := c.sub.take(); len(events) > 0; {
			n := min(len(events), 64) // events flushed together
			var failed error
			err := c.writing(func() {
				for _, ev := range events[:n] {
					if failed = c.append(c.eventPoint(ev)); failed != nil {
						return
					}
				}
			})
			c.sub.written(n)
			if err != nil || failed != nil {
				return
			}
			events = events[n:]
		}
	}
}

// eventPoint returns the fault point of an outbound event.
func (c *conn) eventPoint(ev *event) faultPoint {
	fr := c.srv.newFrame(wire.TypeEvent)
	fr.Channel, fr.Data = ev.topic, ev.envelope
	return faultPoint{conn: c, dir: Outbound, frame: fr, event: ev.kind}
}

// newFrame returns a frame with a new id and the time.
func (s *Server) newFrame(t wire.FrameType) *wire.Frame {
	at := s.clock.next()
	return &wire.Frame{ID: at.Format("20060102150405.000000000"), Type: t, TS: at}
}
