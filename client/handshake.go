package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// connect opens the first session, or a lane's, at an endpoint. If the server refuses the token of
// a token source, it asks the source for another one and tries again: at once the first time, then
// with back-off.
func (c *Client) connect(ctx context.Context, e *endpoint, lane bool) (*session, error) {
	for refusals := 1; ; refusals++ {
		s, err := c.attempt(ctx, e, lane, nil)
		if !isRefusal(err) || refusals > c.cfg.tokenRetries {
			return s, err
		}
		c.cfg.logger.Debug("dispatch: token refused, asking for another", "server", e.name, "error", err)
		if refusals > 1 {
			delay, _ := fullJitter(refusals - 1)
			if c.pause(ctx, delay) != nil {
				return nil, err
			}
		}
	}
}

// attempt opens a session, the main one or a lane's, and starts its goroutines. Without a token, it
// asks for one. It ends with ctx or after the connect timeout. It leaves no session behind if it
// fails.
func (c *Client) attempt(ctx context.Context, e *endpoint, lane bool, token *Token) (*session, error) {
	e.attempts.Add(1)
	ctx, cancel := c.cfg.connectTime(ctx)
	defer cancel()
	if token == nil {
		current, err := c.cfg.currentToken(ctx)
		if err != nil {
			return nil, err
		}
		token = &current
	}
	s, err := c.openWithin(ctx, e, lane, token.Value)
	if err != nil {
		return nil, c.cfg.hinted(err, *token, e)
	}
	s.expires = token.Expires
	if lane {
		s.ready.Store(true)
	} else {
		s.events = &c.registry
		s.startCredits()
	}
	if !c.spawn(s.run) {
		closeSession(s)
		return nil, ErrClosed
	}
	c.counters.sessions.Add(1)
	e.sessions.Add(1)
	return s, nil
}

// openWithin is openSession, but it returns when ctx ends even if a user's function or a method of
// its connection blocks.
func (c *Client) openWithin(ctx context.Context, e *endpoint, lane bool, token string) (*session, error) {
	at := &stage{endpoint: e, lane: lane}
	s, left, err := c.cfg.opens.do(ctx, func() (*session, error) { return c.openSession(ctx, token, at) })
	if left {
		err = at.failed(err)
	}
	return s, err
}

// openSession dials and authenticates.
func (c *Client) openSession(ctx context.Context, token string, at *stage) (*session, error) {
	proxy, err := c.cfg.proxyOf(ctx, at.endpoint)
	if err != nil {
		return nil, err
	}
	hidden := c.cfg.secrets(token, proxy)
	d, err := c.cfg.dialServer(ctx, at, proxy, &hidden)
	if err != nil {
		return nil, err
	}
	at.dialled.Store(true)
	s := newSession(c.cfg, c.sessions.Add(1), at.lane, d.conn, d.socket, &c.counters)
	s.endpoint, s.hidden = at.endpoint, hidden
	s.in.messages.Preload(d.early)
	interrupt := closeAfter(ctx, d.socket)
	err = s.authenticate(token)
	if !interrupt() {
		err = fmt.Errorf("dispatch: authenticate: %w", ended(ctx))
	}
	if err != nil {
		_ = d.socket.Close() // the handshake has failed already
		return nil, err
	}
	return s, nil
}

// closeSession closes a session that is not in use yet. It does not wait, because the Close of a
// user's connection may block.
func closeSession(s *session) { go func() { _ = s.socket.Close() }() }

// authenticate sends the auth request and applies the response. The caller sets the deadlines.
func (s *session) authenticate(token string) error {
	data, err := (&wire.AuthRequest{Token: token, Format: s.cfg.format}).AppendJSON(nil)
	if err != nil {
		return err
	}
	id := string(s.ids.Append(nil, s.ids.Next()))
	sentAt := time.Now()
	fr := wire.Frame{ID: id, Type: wire.TypeRequest, Method: methodAuth.name, Token: token, Data: data, TS: sentAt}
	msg, err := appendMessage(nil, ws.OpText, wire.FormatJSON, &fr, s.cfg.limits.MessageBytes)
	if err != nil {
		return err
	}
	if s.cfg.tap != nil {
		s.tapAuth(fr)
	}
	if _, err := s.conn.Write(msg); err != nil {
		return s.classify(err)
	}
	for {
		msg, op, err := s.in.next()
		if err != nil {
			return s.classify(err)
		}
		if s.cfg.tap != nil {
			s.tapReceived(sniff(msg), op, msg, false)
		}
		var answer wire.Frame
		if err := sniff(msg).Decode(msg, &answer); err != nil {
			return fmt.Errorf("%w: undecodable answer to auth: %w", ErrProtocolMismatch, s.hidden.error(err))
		}
		if answer.Type == wire.TypeError && (answer.CorrelID == id || answer.CorrelID == "") {
			return s.refusal(&answer)
		}
		if answer.Type == wire.TypeResponse && answer.CorrelID == id {
			s.counters.rtt.record(time.Since(sentAt))
			return s.agree(&answer)
		}
		s.counters.strays.Add(1)
	}
}

// agree sets the format that the server chose. It has to be the one that was offered, or JSON,
// which is always allowed.
func (s *session) agree(answer *wire.Frame) error {
	var result wire.AuthResult
	if err := result.UnmarshalJSON(answer.Data); err != nil {
		return fmt.Errorf("%w: undecodable answer to auth: %w", ErrProtocolMismatch, s.hidden.error(err))
	}
	if result.Format != s.cfg.format && result.Format != wire.FormatJSON {
		return fmt.Errorf("%w: the server chose the format %q, which was not offered", ErrProtocolMismatch, s.hidden.text(string(result.Format)))
	}
	s.format = result.Format
	s.out.speak(s.format)
	return nil
}

// sniff returns the format of a response to auth. An acceptance is already in the format that it
// chooses, a refusal may not be. A msgpack frame begins with a map, and no JSON text begins with
// these bytes.
func sniff(msg []byte) wire.Format {
	if len(msg) > 0 && (msg[0]&0xf0 == 0x80 || msg[0] == 0xde || msg[0] == 0xdf) {
		return wire.FormatMsgpack
	}
	return wire.FormatJSON
}

func (s *session) refusal(fr *wire.Frame) error {
	if fr.Error == nil {
		return fmt.Errorf("%w: error frame without an error in answer to auth", ErrProtocolMismatch)
	}
	s.hidden.detail(fr.Error)
	return &Error{
		Code:    Code(fr.Error.Code),
		Message: fr.Error.Message,
		Details: bytes.Clone(fr.Error.Details),
		Method:  methodAuth.name,
		safe:    true,
	}
}

// isRefusal reports whether an attempt failed because the credentials were refused.
func isRefusal(err error) bool {
	return errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden)
}
