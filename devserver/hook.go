package devserver

import (
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/faultframe"
	"github.com/xraph/dispatch/internal/wire"
)

// Direction is which way a frame goes, as the server sees it.
type Direction string

// The two directions.
const (
	Inbound  Direction = "in"  // from the client
	Outbound Direction = "out" // to the client
)

// Traffic is one message that passed over a connection, as a hook sees it. A hook may keep it; what Raw and Frame
// hold is shared and not to be changed.
type Traffic struct {
	Time    time.Time // at which it passed
	Missed  int       // messages of all connections that this hook missed since the one before
	Dir     Direction
	Conn    int    // the number of the connection, from 1
	Session string // the session's id, empty before it is authenticated
	Format  string // of frames: "json" or "msgpack"
	Text    bool   // a text message, else a binary one
	Raw     []byte
	Frame   *fault.Frame // nil if the message does not decode
	Err     error        // why it does not; or what the schema does not allow in a frame that the server takes
	Faulty  bool         // a fault made or altered it; one that alters an inbound message makes a second one of it
}

// How many messages, of how many bytes together, may wait for a hook. A message that waits alone may have any size.
const (
	hookMessages = 4096
	hookBytes    = 32 << 20
)

// hook has a function see what passes, on a goroutine of its own, which lives while something is queued.
type hook struct {
	see      func(Traffic)
	blocking bool
	running  sync.WaitGroup

	mu     sync.Mutex
	room   sync.Cond // for a blocking hook: the queue has become shorter
	queue  []Traffic
	bytes  int // of the messages queued
	missed int // since the last message queued
	runs   bool
}

func newHook(f func(Traffic), blocking bool) *hook {
	h := &hook{see: f, blocking: blocking}
	h.room.L = &h.mu
	return h
}

// offer queues a message. If the queue is full, a blocking hook waits and another one misses the message.
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

// start sees to it that what is queued is seen. The lock is held.
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
		h.start() // the function may have ended the goroutine, as testing.T.FailNow does
	}()
	for {
		t, ok := h.next()
		if !ok {
			return
		}
		h.see(t)
	}
}

// next takes what is to be seen next: a message or, at the end of the queue, a report of what was missed.
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

// seen reports a message to the hooks, if there are any.
func (c *conn) seen(dir Direction, op ws.OpCode, raw []byte, fr *wire.Frame, err error, faulty bool) {
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
