package devserver

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// This file is what a session does with a frame.

var errUnauthorized = Errorf(client.CodeUnauthorized, "authentication failed")

// authenticate checks an auth frame. An unknown format is answered with JSON.
func (s *Server) authenticate(fr *Frame) (*Identity, Format, error) {
	if fr.Method != client.MethodAuth {
		return nil, "", Errorf(client.CodeUnauthorized, "authentication required")
	}
	var q wire.AuthRequest
	if len(fr.Data) > 0 {
		if err := json.Unmarshal(fr.Data, &q); err != nil {
			return nil, "", badRequest(err)
		}
	}
	if q.Token == "" {
		q.Token = fr.Token
	}
	who, err := s.identify(q.Token)
	if err != nil {
		return nil, "", err
	}
	format, err := wire.ParseFormat(string(q.Format))
	if err != nil {
		format = wire.FormatJSON
	}
	return who, format, nil
}

func (s *Server) identify(token string) (*Identity, error) {
	who, ok := s.cfg.tokens[token]
	if !ok {
		return nil, errUnauthorized
	}
	return &who, nil
}

// handshake has the client authenticate, and negotiates the format. A refusal is
// still JSON.
func (c *conn) handshake(fr *Frame) error {
	who, format, err := c.srv.authenticate(fr)
	if err != nil {
		return errors.Join(err, c.send(c.srv.refusal(fr.ID, err), fr.Method))
	}
	session := "ws_" + strconv.FormatInt(c.srv.stamps.next().UnixNano(), 10)
	reply, err := c.srv.response(fr.ID, &wire.AuthResult{Format: format, SessionID: session})
	if err != nil {
		return err
	}
	c.srv.mu.Lock()
	c.who, c.format, c.session, c.since = who, format, session, now()
	c.srv.mu.Unlock()
	c.srv.broker.join(c.sub)
	c.writer.Go(c.writeEvents)
	return c.send(reply, fr.Method)
}

// handle does what a frame asks for, before the next one is read. Its errors
// end the connection.
func (c *conn) handle(fr *Frame) error {
	if fr.Type == wire.TypePing {
		pong := c.srv.newFrame(wire.TypePong)
		pong.CorrelID, pong.TS = fr.ID, fr.TS
		if err := c.send(pong, ""); err != nil {
			return err
		}
	}
	if fr.Credits > 0 {
		c.srv.broker.grant(c.sub, int64(fr.Credits))
		return nil // without a reply, even if the frame names a method
	}
	if fr.Type == wire.TypePing {
		return nil
	}
	result, err := c.result(fr)
	if err != nil {
		return c.send(c.srv.refusal(fr.ID, err), fr.Method)
	}
	reply := c.srv.newFrame(wire.TypeResponse)
	reply.CorrelID, reply.Data = fr.ID, result
	return c.send(reply, fr.Method)
}

// result serves a request. A subscription is live before its reply is written.
func (c *conn) result(fr *Frame) (json.RawMessage, error) {
	if fr.Method != client.MethodSubscribe && fr.Method != client.MethodUnsubscribe || c.srv.handlers.method(fr.Method) != nil {
		return c.srv.call(c.context(fr), fr.Method, fr.Data)
	}
	if !c.who.may(scopeOf(fr.Method)) {
		return nil, errForbidden
	}
	var q wire.SubscribeRequest
	if err := json.Unmarshal(fr.Data, &q); err != nil {
		return nil, badRequest(err)
	}
	if fr.Method == client.MethodUnsubscribe {
		c.srv.broker.unsubscribe(c.sub, q.Channel)
		return json.Marshal(&wire.UnsubscribeResult{Channel: q.Channel, Status: "unsubscribed"})
	}
	if err := c.srv.broker.subscribe(c.sub, q.Channel); err != nil {
		return nil, err
	}
	return json.Marshal(&wire.SubscribeResult{Channel: q.Channel, Status: "subscribed"})
}

// response is a frame that answers a request with its result.
func (s *Server) response(request string, result any) (*Frame, error) {
	data, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	fr := s.newFrame(wire.TypeResponse)
	fr.CorrelID, fr.Data = request, data
	return fr, nil
}

// refusal is a frame that answers a request with an error; without a request, it
// is about a frame that does not decode.
func (s *Server) refusal(request string, err error) *Frame {
	fr := s.newFrame(wire.TypeError)
	fr.CorrelID, fr.Error = request, detail(err)
	return fr
}

func invalidFrame(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		err = cause // without our codec's name
	}
	return Errorf(client.CodeBadRequest, "invalid frame: %v", err)
}
