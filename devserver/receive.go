package devserver

import (
	"errors"
	"io"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// receive reads a frame and returns the frames to handle. There are none if a fault dropped the
// frame or it does not decode, and several if a fault duplicated it or held another one back.
func (c *conn) receive() ([]*wire.Frame, error) {
	if c.link.mute.Load() {
		return nil, c.ignore()
	}
	op, message, err := c.stream.read()
	if err != nil {
		return nil, err
	}
	if c.link.mute.Load() { // set meanwhile, by a fault at an event
		return nil, c.ignore()
	}
	fr := new(wire.Frame)
	if err := c.srv.cfg.decodeFrame(c.format, message, fr); err != nil {
		c.report(Inbound, op, message, nil, err, false)
		return nil, c.undecodable(err)
	}
	var violation error // of a frame that the server accepts
	if len(c.srv.cfg.hooks) > 0 {
		violation = c.format.Decode(message, new(wire.Frame))
	}
	c.report(Inbound, op, message, fr, violation, false)

	frames := []*wire.Frame{fr}
	if fault := c.srv.faults.at(faultPoint{conn: c, dir: Inbound, frame: fr, method: fr.Method}); fault != nil {
		if frames, err = c.applyInbound(fault); err != nil {
			return nil, err
		}
		for i, one := range frames {
			if fault.altered {
				if message, err = c.format.Append(nil, one); err != nil {
					return nil, err
				}
			}
			if fault.altered || i > 0 {
				c.report(Inbound, op, message, one, nil, true)
			}
		}
		if fault.hold {
			c.heldIn = append(c.heldIn, frames...)
			return nil, nil
		}
	}
	frames = append(frames, c.heldIn...)
	c.heldIn = nil
	return frames, nil
}

// undecodable answers a message that is not a frame. If it returns an error, the connection ends.
func (c *conn) undecodable(err error) error {
	switch {
	case errors.Is(err, errNilTime):
		return err
	case c.who == nil:
		return errors.Join(err, c.send(c.srv.refusal("", Errorf(client.CodeBadRequest, "invalid auth frame")), ""))
	}
	return c.send(c.srv.refusal("", invalidFrame(err)), "")
}

// applyInbound carries out the effects on an inbound frame, and returns the frames to handle.
func (c *conn) applyInbound(fault *faultPoint) ([]*wire.Frame, error) {
	fault.applyConn()
	fault.wait()
	switch {
	case c.link.mute.Load():
		return nil, c.ignore()
	case fault.closing != nil:
		return nil, errors.Join(errCut, c.writing(func() { c.stream.append(ws.OpClose, fault.closing) }))
	case fault.cut >= 0:
		return nil, errCut
	case fault.refusal != nil:
		err := c.send(c.srv.refusal(fault.frame.ID, fault.refusal), fault.method)
		if err == nil && fault.refusesSession() {
			err = fault.refusal
		}
		return nil, err
	}
	var frames []*wire.Frame
	for range fault.copies {
		frames = append(frames, fault.frame)
	}
	return frames, nil
}

// ignore reads and discards input until the connection ends.
func (c *conn) ignore() error {
	_, err := io.Copy(io.Discard, c.link)
	return errors.Join(errDropped, err)
}

// control answers WebSocket pings and close frames.
func (c *conn) control(op ws.OpCode, payload []byte) error {
	switch op {
	case ws.OpPing:
		return c.writing(func() { c.stream.append(ws.OpPong, payload) })
	case ws.OpClose:
		if err := ws.CheckCloseFrameData(ws.ParseCloseFrameData(payload)); err != nil && len(payload) > 0 {
			payload = ws.NewCloseFrameBody(ws.StatusProtocolError, err.Error())
		}
		_ = c.writing(func() { c.stream.append(ws.OpClose, payload) })
		return io.EOF
	default: // a pong
		return nil
	}
}
