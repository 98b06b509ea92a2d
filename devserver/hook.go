package devserver

import (
	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// Frame is a DWP frame.
type Frame = wire.Frame

// Format is an encoding of frames.
type Format = wire.Format

// Direction is which way a frame goes, as the server sees it.
type Direction string

// The two directions.
const (
	Inbound  Direction = "in"  // from the client
	Outbound Direction = "out" // to the client
)

// Traffic is one message that passed over a connection, as a hook sees it. It is only
// valid during the hook, which copies what it keeps.
type Traffic struct {
	Dir     Direction
	Conn    int    // the number of the connection, from 1
	Session string // the session's id, empty before it is authenticated
	Format  Format
	Text    bool // a text message, else a binary one
	Raw     []byte
	Frame   *Frame // nil if the message does not decode
	Err     error  // why it does not
	Faulty  bool   // a fault made or altered it
}

func (s *Server) show(t Traffic) {
	for _, hook := range s.cfg.hooks {
		hook(t)
	}
}

// seen reports a message to the hooks, if there are any.
func (c *conn) seen(dir Direction, op ws.OpCode, raw []byte, fr *Frame, err error, faulty bool) {
	if len(c.srv.cfg.hooks) == 0 {
		return
	}
	c.srv.show(Traffic{
		Dir: dir, Conn: c.number, Session: c.session, Format: c.format,
		Text: op == ws.OpText, Raw: raw, Frame: fr, Err: err, Faulty: faulty,
	})
}
