package devserver

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// This file handles the frames of a session.

var (
	errUnauthorized = Errorf(client.CodeUnauthorized, "authentication failed")
	errForbidden    = Errorf(client.CodeForbidden, "insufficient permissions")
)

// authenticate checks an auth frame. An unknown format becomes JSON.
func (s *Server) authenticate(fr *wire.Frame) (*Identity, wire.Format, error) {
	if fr.Method != client.MethodAuth {
		return nil, "", Errorf(client.CodeBadRequest, "first frame must be auth")
	}
	var q struct {
		Token  string `json:"token"`
		Format string `json:"format"`
	}
	if len(fr.Data) > 0 {
		if err := json.Unmarshal(fr.Data, &q); err != nil {
			return nil, "", Errorf(client.CodeBadRequest, "invalid auth data")
		}
	}
	if q.Token == "" {
		q.Token = fr.Token
	}
	who, ok := s.identify(q.Token)
	if !ok {
		return nil, "", errUnauthorized
	}
	format, err := wire.ParseFormat(q.Format)
	if err != nil {
		format = wire.FormatJSON
	}
	return who, format, nil
}

func (s *Server) identify(token string) (who *Identity, ok bool) {
	identity, ok := s.cfg.tokens[token]
	return &identity, ok
}

// handshake authenticates the client and negotiates the format. A refusal is sent in JSON.
func (c *conn) handshake(fr *wire.Frame) error {
	who, format, err := c.srv.authenticate(fr)
	if err != nil {
		return errors.Join(err, c.send(c.srv.refusal(fr.ID, err), fr.Method))
	}
	session := "ws_" + strconv.FormatInt(c.srv.clock.next().UnixNano(), 10)
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

// handle handles a frame before the next one is read. If it returns an error, the connection ends.
func (c *conn) handle(fr *wire.Frame) error {
	if fr.Type == wire.TypePing {
		pong := c.srv.newFrame(wire.TypePong)
		pong.CorrelID, pong.TS = fr.ID, fr.TS
		if err := c.send(pong, ""); err != nil {
			return err
		}
	} else if !c.srv.permits(c.who, fr.Method) {
		return c.send(c.srv.refusal(fr.ID, errForbidden), fr.Method)
	}
	if fr.Credits > 0 {
		c.srv.broker.grant(c.sub, int64(fr.Credits))
		return nil // without a reply, even if the frame names a method
	}
	if fr.Type == wire.TypePing {
		return nil
	}
	result, err := c.result(fr)
	if errors.Is(err, errPanicked) {
		return err
	}
	if err != nil {
		return c.send(c.srv.refusal(fr.ID, err), fr.Method)
	}
	reply := c.srv.newFrame(wire.TypeResponse)
	reply.CorrelID, reply.Data = fr.ID, result
	return c.send(reply, fr.Method)
}

// result serves a request. A subscription is active before its reply is written.
func (c *conn) result(fr *wire.Frame) (json.RawMessage, error) {
	if !c.srv.subscribes(fr.Method) {
		return c.srv.call(c.context(fr), fr.Method, fr.Data)
	}
	return c.srv.subscription(fr, func(channel string) error {
		if fr.Method == client.MethodUnsubscribe {
			c.srv.broker.unsubscribe(c.sub, channel)
			return nil
		}
		return c.srv.broker.subscribe(c.sub, channel)
	})
}

// subscribes reports whether a method is subscribe or unsubscribe and not served by the user.
func (s *Server) subscribes(method string) bool {
	return (method == client.MethodSubscribe || method == client.MethodUnsubscribe) && s.handlers.method(method) == nil
}

// subscription serves subscribe or unsubscribe; change changes the subscription.
func (s *Server) subscription(fr *wire.Frame, change func(channel string) error) (json.RawMessage, error) {
	var q struct {
		Channel string `json:"channel"`
		Credits int    `json:"credits,omitempty"` // ignored, as in production
	}
	if err := decodeData(fr.Data, &q, s.cfg.strict); err != nil {
		return nil, badRequest(err)
	}
	if err := change(q.Channel); err != nil {
		return nil, err
	}
	if fr.Method == client.MethodUnsubscribe {
		return json.Marshal(&wire.UnsubscribeResult{Channel: q.Channel, Status: "unsubscribed"})
	}
	return json.Marshal(&wire.SubscribeResult{Channel: q.Channel, Status: "subscribed"})
}

// response returns a frame that answers a request with its result.
func (s *Server) response(request string, result any) (*wire.Frame, error) {
	data, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	fr := s.newFrame(wire.TypeResponse)
	fr.CorrelID, fr.Data = request, data
	return fr, nil
}

// refusal returns a frame that answers a request with an error; the id is empty for an undecodable
// frame.
func (s *Server) refusal(request string, err error) *wire.Frame {
	fr := s.newFrame(wire.TypeError)
	fr.CorrelID, fr.Error = request, detail(err)
	return fr
}

func invalidFrame(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		err = cause // without the prefix of the codec
	}
	return Errorf(client.CodeBadRequest, "invalid frame: %v", err)
}
