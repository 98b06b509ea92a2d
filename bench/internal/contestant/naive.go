package contestant

import (
	"context"
	"encoding/json"
	"net"
	"sync"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// naive is gobwas/ws with the helpers of its wsutil, encoding/json and vmihailenco/msgpack.
type naive struct {
	nc net.Conn
	mu sync.Mutex
}

func connectNaive(ctx context.Context, addr string, w work.Work) (Contestant, error) {
	nc, _, _, err := ws.Dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	if w.Format == dwp.Msgpack {
		wsutil.SetCheckUTF8(false) // servers send msgpack in text messages, too
	}
	return newTypical(ctx, &naive{nc: nc}, w)
}

func (t *naive) close() error { return t.nc.Close() }

func (t *naive) write(_ context.Context, f *dwp.Frame, format string) error {
	marshal, write := json.Marshal, wsutil.WriteClientText
	if format == dwp.Msgpack {
		marshal, write = msgpack.Marshal, wsutil.WriteClientBinary
	}
	b, err := marshal(f)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return write(t.nc, b)
}

func (t *naive) read(_ context.Context, f *dwp.Frame, format string) error {
	b, err := wsutil.ReadServerText(t.nc)
	if err != nil {
		return err
	}
	if format == dwp.Msgpack {
		return msgpack.Unmarshal(b, f)
	}
	return json.Unmarshal(b, f)
}
