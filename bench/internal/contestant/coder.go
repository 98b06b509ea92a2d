package contestant

import (
	"context"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// coder is coder/websocket with its wsjson, and vmihailenco/msgpack.
type coder struct{ c *websocket.Conn }

func connectCoder(ctx context.Context, addr string, w work.Work) (Contestant, error) {
	c, _, err := websocket.Dial(ctx, addr, nil)
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(8 << 20)
	return newTypical(ctx, coder{c}, w)
}

func (t coder) close() error { return t.c.CloseNow() }

func (t coder) write(ctx context.Context, f *dwp.Frame, format string) error {
	if format == dwp.JSON {
		return wsjson.Write(ctx, t.c, f)
	}
	b, err := msgpack.Marshal(f)
	if err != nil {
		return err
	}
	return t.c.Write(ctx, websocket.MessageBinary, b)
}

func (t coder) read(ctx context.Context, f *dwp.Frame, format string) error {
	if format == dwp.JSON {
		return wsjson.Read(ctx, t.c, f)
	}
	_, b, err := t.c.Read(ctx)
	if err != nil {
		return err
	}
	return msgpack.Unmarshal(b, f)
}
