package devserver

import (
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/faultframe"
	"github.com/xraph/dispatch/internal/wire"
)

// Direction is the direction of a frame, as the server sees it.
type Direction string

// The two directions.
const (
	Inbound  Direction = "in"  // from the client
	Outbound Direction = "out" // to the client
)

// Traffic is one message of a connection, as a hook sees it. A hook may keep it, but must not
// change what Raw and Frame refer to: that is shared.
type Traffic struct {
	Time time.Time // when it was received or sent
	// how many messages this hook missed since the previous one, on all connections
	Missed  int
	Dir     Direction
	Conn    int    // the number of the connection, from 1
	Session string // the session's id, empty before it is authenticated
	Format  string // of frames: "json" or "msgpack"
	Text    bool   // whether it is a text message, and not a binary one
	Raw     []byte
	Frame   *fault.Frame // nil if the message does not decode
	// why it does not decode; or how a frame that the server accepts violates the schema
	Err error
	// a fault made or changed it; a changed inbound message is reported twice, the first time
	// unchanged
	Faulty bool
}

// The bounds of a hook's queue. A single message may exceed hookBytes.
const (
	hookMessages = 4096
	hookBytes    = 32 << 20
)

// hook calls a function with messages, on a goroutine of its own that runs while the queue is not
// empty.
type hook struct {
	f        func(Traffic)
	blocking bool
	running  sync.WaitGroup

	mu     sync.Mutex
	room   sync.Cond // signals a blocking hook's senders that the queue is shorter
	queue  []Traffic
	bytes  int // in the queue
	missed int // since the last message that was queued
	runs   bool
}

func newHook(f func(Traffic), blocking bool) *hook {
	h := &hook{f: f, blocking: blocking}
	h.room.L = &h.mu
	return h
}

// offer queues a message. If the queue is full, a blocking hook waits; another hook misses the
// message.
func (h *hook) offer(t Traffic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	full := func() bool {
		return len(h.queue) >= hookMessages || len(h.queue) > 0 && h.bytes+len(t.Raw) > hookBytes
	}
	for h.blocking && full() {
		h.room.Wait()
	}
	if full() {
		h.missed++
		return
	}
	t.Missed, h.missed = h.missed, 0
	h.queue = append(h.queue, t)
	h.bytes += len(t.Raw)
	h.start()
}

// start starts the goroutine, if there is work and it does not run. The lock is held.
func (h *hook) start() {
	if !h.runs && (len(h.queue) > 0 || h.missed > 0) {
		h.runs = true
		h.running.Go(h.run)
	}
}

func (h *hook) run() {
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.runs = false
		h.start() // f may have ended the goroutine, as testing.T.FailNow does
	}()
	for {
		t, ok := h.next()
		if !ok {
			return
		}
		h.f(t)
	}
}

// next returns the next message or, when the queue is empty, a report of missed messages. ok is
// false if there is neither.
func (h *hook) next() (t Traffic, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case len(h.queue) > 0:
		t = h.queue[0]
		h.queue[0] = Traffic{}
		h.queue = h.queue[1:]
		h.bytes -= len(t.Raw)
		h.room.Broadcast()
	case h.missed > 0:
		t = Traffic{Time: time.Now(), Missed: h.missed}
		h.missed = 0
	default:
		return t, false
	}
	return t, true
}

// report passes a message to the hooks.
func (c *conn) report(dir Direction, op ws.OpCode, raw []byte, fr *wire.Frame, err error, faulty bool) {
	hooks := c.srv.cfg.hooks
	if len(hooks) == 0 {
		return
	}
	t := Traffic{
		Time: time.Now(), Dir: dir, Conn: c.number, Session: c.session, Format: string(c.format),
		Text: op == ws.OpText, Raw: raw, Frame: faultframe.From(fr), Err: err, Faulty: faulty,
	}
	for _, h := range hooks {
		h.offer(t)
	}
}
