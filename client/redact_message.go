package client

import (
	"bytes"

	"github.com/xraph/dispatch/internal/wire"
)

// message redacts a message. It returns the message itself if it has no secret. One that does not
// decode, and has a secret, is replaced as a whole.
func (s *secrets) message(format wire.Format, message []byte) []byte {
	if len(s.forms) == 0 {
		return message
	}
	if format == wire.FormatJSON {
		return s.json(message)
	}
	var fr wire.Frame
	if err := format.Decode(message, &fr); err != nil {
		if s.in(string(message)) {
			return []byte(s.mark)
		}
		return message
	}
	data := s.json(fr.Data)
	details := fr.Error != nil && !bytes.Equal(s.json(fr.Error.Details), fr.Error.Details)
	if !s.in(string(message)) && bytes.Equal(data, fr.Data) && !details {
		return message
	}
	fr.ID, fr.Method, fr.CorrelID, fr.Channel = s.text(fr.ID), s.text(fr.Method), s.text(fr.CorrelID), s.text(fr.Channel)
	fr.Token, fr.AppID, fr.OrgID, fr.Data = s.text(fr.Token), s.text(fr.AppID), s.text(fr.OrgID), data
	if fr.Error != nil {
		s.detail(fr.Error)
	}
	out, err := format.Append(nil, &fr)
	if err != nil || s.in(string(out)) {
		return []byte(s.mark)
	}
	return out
}
