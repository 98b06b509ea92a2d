package devserver

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// serveRPC serves POST /dwp/rpc: one JSON frame in, one out, for programs without WebSockets. The
// token is in the frame or, without a scheme, in the Authorization header. The HTTP status is the
// error's code.
func (s *Server) serveRPC(w http.ResponseWriter, r *http.Request) {
	fr, err := s.body(r)
	reply := s.rpc(r, fr, err)
	if reply == nil {
		http.Error(w, ErrClosed.Error(), http.StatusServiceUnavailable)
		return
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

// rpc returns the reply to the frame of a request, or to the error of decoding it; nil if the
// server is closed. Methods of a session have no effect here. Close waits for rpc, but not for a
// client that sends or reads slowly.
func (s *Server) rpc(r *http.Request, fr *wire.Frame, err error) *wire.Frame {
	if !s.enter() {
		return nil
	}
	defer s.serving.Done()
	if err != nil {
		return s.refusal("", Errorf(client.CodeBadRequest, "invalid request body"))
	}
	who, ok := s.identify(cmp.Or(fr.Token, r.Header.Get("Authorization")))
	if !ok {
		return s.refusal(fr.ID, Errorf(client.CodeUnauthorized, "unauthorized"))
	}
	if !s.permits(who, fr.Method) {
		return s.refusal(fr.ID, Errorf(client.CodeForbidden, "forbidden"))
	}
	var result json.RawMessage
	if s.subscribes(fr.Method) {
		result, err = s.subscription(fr, func(string) error { return nil })
	} else {
		ctx := withCaller(r.Context(), caller{who: who, request: fr.ID, strict: s.cfg.strict})
		result, err = s.call(ctx, fr.Method, fr.Data)
	}
	if errors.Is(err, errPanicked) {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	if err != nil {
		return s.refusal(fr.ID, err)
	}
	reply := s.newFrame(wire.TypeResponse)
	reply.CorrelID, reply.Data = fr.ID, result
	return reply
}

// body decodes the frame of a request. As in production, a Content-Type with parameters is refused,
// and bytes behind the frame are ignored.
func (s *Server) body(r *http.Request) (*wire.Frame, error) {
	if t := r.Header.Get("Content-Type"); t != "" && t != "application/json" {
		return nil, fmt.Errorf("the type of the content is %q", t)
	}
	fr := new(wire.Frame)
	if s.cfg.strict {
		body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, wire.MaxMessageBytes))
		if err != nil {
			return nil, err
		}
		return fr, s.cfg.decodeFrame(wire.FormatJSON, body, fr)
	}
	var f jsonFrame
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
		return nil, err
	}
	f.store(fr)
	return fr, nil
}

// httpStatus returns the HTTP status for an error's code.
func httpStatus(code uint32) int {
	if code < 400 || code > 599 {
		return http.StatusInternalServerError
	}
	return int(code)
}
