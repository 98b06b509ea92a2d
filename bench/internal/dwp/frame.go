// Package dwp is the part of the protocol that the stub server and the contestants share: the frame
// as a plain struct, frames that are built once and stamped with a number, and a WebSocket
// connection that sends in batches.
package dwp

import (
	"encoding/json"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// Frame is the envelope of every message, as a program without a generator would declare it.
type Frame struct {
	ID            string          `json:"id"                  msgpack:"id"`
	Type          string          `json:"type"                msgpack:"type"`
	Method        string          `json:"method,omitempty"    msgpack:"method,omitempty"`
	CorrelationID string          `json:"correl_id,omitempty" msgpack:"correl_id,omitempty"`
	Token         string          `json:"token,omitempty"     msgpack:"token,omitempty"`
	Data          json.RawMessage `json:"data,omitempty"      msgpack:"data,omitempty"`
	Error         *Error          `json:"error,omitempty"     msgpack:"error,omitempty"`
	Channel       string          `json:"channel,omitempty"   msgpack:"channel,omitempty"`
	Credits       int             `json:"credits,omitempty"   msgpack:"credits,omitempty"`
	Time          time.Time       `json:"ts"                  msgpack:"ts"`
}

// Error is the error of a reply.
type Error struct {
	Code    int    `json:"code"    msgpack:"code"`
	Message string `json:"message" msgpack:"message"`
}

// Auth is the data of an auth request.
type Auth struct {
	Token  string `json:"token"`
	Format string `json:"format"`
}

// Subscribe is the data of a subscribe request.
type Subscribe struct {
	Channel string `json:"channel"`
}

// Event is the data of an event frame.
type Event struct {
	Type  string    `json:"type"`
	Time  time.Time `json:"ts"`
	Topic string    `json:"topic"`
	Data  JobEvent  `json:"data"`
}

// JobEvent is the payload of the events that the stub server sends.
type JobEvent struct {
	JobID   string `json:"job_id"`
	JobName string `json:"job_name"`
	Queue   string `json:"queue"`
	Elapsed int    `json:"elapsed_ms"`
}

// Encode encodes a frame in the format json or msgpack. A frame that cannot be encoded is a mistake
// of this program.
func Encode(f Frame, format string) []byte {
	marshal := json.Marshal
	if format == Msgpack {
		marshal = msgpack.Marshal
	}
	b, err := marshal(f)
	if err != nil {
		panic(err)
	}
	return b
}

// The names of the two formats.
const (
	JSON    = "json"
	Msgpack = "msgpack"
)
