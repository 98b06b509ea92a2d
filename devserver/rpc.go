package devserver

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// serveRPC is POST /dwp/rpc: one JSON frame in, one out, for programs without
// WebSocket. The token stands in the frame or, bare, in the Authorization header;
// the HTTP status is the error's code.
func (s *Server) serveRPC(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, ErrClosed.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.serving.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxMessageBytes))
	fr := new(Frame)
	if err == nil {
		err = wire.FormatJSON.Decode(body, fr)
	}
	var reply *Frame
	if err != nil {
		reply = s.refusal("", invalidFrame(err))
	} else {
		reply = s.rpc(r, fr)
	}
	status := http.StatusOK
	if reply.Error != nil {
		status = httpStatus(reply.Error.Code)
	}
	out, err := wire.FormatJSON.Append(nil, reply)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

// rpc answers a frame that came alone. What belongs to a session is unknown here.
func (s *Server) rpc(r *http.Request, fr *Frame) *Frame {
	if fr.Type == wire.TypePing {
		pong := s.newFrame(wire.TypePong)
		pong.CorrelID, pong.TS = fr.ID, fr.TS
		return pong
	}
	token := fr.Token
	if token == "" {
		token = r.Header.Get("Authorization")
	}
	who, err := s.identify(token)
	var result json.RawMessage
	if err == nil {
		ctx := withCaller(r.Context(), caller{who: who, request: fr.ID})
		result, err = s.call(ctx, fr.Method, fr.Data)
	}
	if err != nil {
		return s.refusal(fr.ID, err)
	}
	reply := s.newFrame(wire.TypeResponse)
	reply.CorrelID, reply.Data = fr.ID, result
	return reply
}

// httpStatus is the HTTP status for an error's code.
func httpStatus(code uint32) int {
	if code < 400 || code > 599 {
		return client.CodeInternal
	}
	return int(code)
}
