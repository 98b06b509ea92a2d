package client_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// text makes a WebSocket text message.
func text(payload string) ws.Frame { return ws.NewTextFrame([]byte(payload)) }

// with returns a frame with a changed header.
func with(f ws.Frame, change func(*ws.Header)) ws.Frame {
	change(&f.Header)
	return f
}

// onlyHeader writes a frame's header and no payload.
func (c *peerConn) onlyHeader(h ws.Header) {
	var b bytes.Buffer
	ws.WriteHeader(&b, h)
	c.Write(b.Bytes())
}

func TestHostileMessagesEndTheSessionAndTheClientGoesOn(t *testing.T) {
	deep := strings.Repeat("[", 600) + strings.Repeat("]", 600)
	id := func(fr *wire.Frame) string { return fr.ID }
	for name, attack := range map[string]func(c *peerConn, fr *wire.Frame){
		"masked": func(c *peerConn, _ *wire.Frame) { c.raw(ws.MaskFrame(text("{}"))) },
		"compressed": func(c *peerConn, _ *wire.Frame) {
			c.raw(with(text("{}"), func(h *ws.Header) { h.Rsv = ws.Rsv(true, false, false) }))
		},
		"reserved opcode": func(c *peerConn, _ *wire.Frame) { c.raw(with(text("{}"), func(h *ws.Header) { h.OpCode = 3 })) },
		"reserved control opcode": func(c *peerConn, _ *wire.Frame) {
			c.raw(with(text(""), func(h *ws.Header) { h.OpCode = 0xb }))
		},
		"long ping": func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewPingFrame(make([]byte, 126))) },
		"fragmented ping": func(c *peerConn, _ *wire.Frame) {
			c.raw(with(ws.NewPingFrame(nil), func(h *ws.Header) { h.Fin = false }))
		},
		"continuation of nothing": func(c *peerConn, _ *wire.Frame) {
			c.raw(with(text("{}"), func(h *ws.Header) { h.OpCode = ws.OpContinuation }))
		},
		"message within a message": func(c *peerConn, _ *wire.Frame) {
			c.raw(with(text("{"), func(h *ws.Header) { h.Fin = false }))
			c.raw(text("{}"))
		},
		"negative length": func(c *peerConn, _ *wire.Frame) { c.Write([]byte{0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 0}) },
		"huge": func(c *peerConn, _ *wire.Frame) {
			c.onlyHeader(ws.Header{Fin: true, OpCode: ws.OpText, Length: 1 << 40})
		},
		"close of one byte": func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewCloseFrame([]byte{3})) },
		"close code 1005":   func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1005, ""))) },
		"close reason":      func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "\xff"))) },
		"no frame":          func(c *peerConn, _ *wire.Frame) { c.raw(text("hello")) },
		"empty":             func(c *peerConn, _ *wire.Frame) { c.raw(text("")) },
		"truncated":         func(c *peerConn, _ *wire.Frame) { c.raw(text(`{"id":"x","type":"resp`)) },
		"not UTF-8":         func(c *peerConn, _ *wire.Frame) { c.raw(text("{\"id\":\"\xff\",\"type\":\"response\"}")) },
		"deep": func(c *peerConn, fr *wire.Frame) {
			c.raw(text(`{"id":"x","type":"response","correl_id":"` + id(fr) + `","data":` + deep + `}`))
		},
		"duplicate correl_id": func(c *peerConn, fr *wire.Frame) {
			c.raw(text(`{"correl_id":"a","correl_id":"` + id(fr) + `","type":"response"}`))
		},
		"number out of range": func(c *peerConn, fr *wire.Frame) { c.raw(text(`{"id":"x","type":"event","credits":99999999999}`)) },
		"wrong type":          func(c *peerConn, fr *wire.Frame) { c.raw(text(`{"id":1,"type":"event"}`)) },
		"fragments too large": func(c *peerConn, _ *wire.Frame) {
			c.raw(with(text(strings.Repeat(" ", 60_000)), func(h *ws.Header) { h.Fin = false }))
			for range 10 {
				c.raw(with(text(strings.Repeat(" ", 60_000)), func(h *ws.Header) { h.Fin, h.OpCode = false, ws.OpContinuation }))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if c.n == 1 && fr.Method == client.MethodStats {
						attack(c, fr)
						return
					}
					c.polite(fr)
				}
				c := p.dial(format, client.WithLimits(client.Limits{MessageBytes: 500_000}))
				seq := c.Transitions(t.Context())
				// the only call: it may be the reason
				if _, err := c.Stats(t.Context()); err == nil || !client.SafeToRetry(err) {
					t.Errorf("the call: %v", err)
				}
				if _, err := c.Stats(t.Context()); err != nil {
					t.Errorf("the next call: %v", err)
				}
				lost := steps(seq, 1)[0]
				var broken *client.ProtocolError
				var limit *client.LimitError
				if !errors.As(lost.Cause, &broken) && !errors.As(lost.Cause, &limit) {
					t.Errorf("the cause: %T %v", lost.Cause, lost.Cause)
				}
				if p.count() != 2 || c.State() != client.StateReady {
					t.Errorf("%d connections, %v", p.count(), c.State())
				}
			})
		})
	}
}

// nested makes an event frame that is nested so deep.
func nested(format wire.Format, levels int) []byte {
	if format == wire.FormatJSON {
		return []byte(`{"type":"event","unknown":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + `}`)
	}
	msg := msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 2), "type"), "event")
	msg = msgp.AppendString(msg, "unknown")
	for range levels - 2 {
		msg = msgp.AppendArrayHeader(msg, 1)
	}
	return msgp.AppendArrayHeader(msg, 0)
}

func TestNestingIsLimited(t *testing.T) {
	for _, levels := range []int{16, 512} {
		t.Run(strconv.Itoa(levels), func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if c.n == 1 && fr.Method == client.MethodStats {
						c.raw(ws.NewTextFrame(nested(c.format, levels)))
						c.raw(ws.NewTextFrame(nested(c.format, levels+1)))
						return
					}
					c.polite(fr)
				}
				c := p.dial(format, client.WithLimits(client.Limits{Depth: levels}))
				seq := c.Transitions(t.Context())
				if _, err := c.Stats(t.Context()); !errors.Is(err, client.ErrTooDeep) {
					t.Fatal(err)
				}
				lost := steps(seq, 1)[0]
				var limit *client.LimitError
				if !errors.As(lost.Cause, &limit) || !errors.Is(lost.Cause, client.ErrTooDeep) || limit.Field != "Depth" || limit.Max != levels {
					t.Errorf("the cause: %T %v", lost.Cause, lost.Cause)
				}
				if n := c.Counters().Events; n != 1 {
					t.Errorf("%d messages got through before, want the one at the limit", n)
				}
			})
		})
	}
}

func TestHarmlessUnknownMessagesAreIgnored(t *testing.T) {
	for name, send := range map[string]func(c *peerConn, fr *wire.Frame){
		"fragments with control frames in between": func(c *peerConn, fr *wire.Frame) {
			data, _ := c.format.Append(nil, &wire.Frame{ID: "x", Type: wire.TypeResponse, CorrelID: fr.ID, Data: []byte(`{"connections":7}`), TS: time.Now()})
			for i := range data {
				f := text(string(data[i : i+1]))
				f.Header.Fin = i == len(data)-1
				if i > 0 {
					f.Header.OpCode = ws.OpContinuation
				}
				c.raw(f)
				c.raw(ws.NewPingFrame([]byte("p")))
				c.raw(ws.NewPongFrame(nil))
			}
		},
		"binary msgpack": func(c *peerConn, fr *wire.Frame) {
			op := ws.OpText
			if c.format == wire.FormatMsgpack {
				op = ws.OpBinary
			}
			data, _ := c.format.Append(nil, &wire.Frame{ID: "x", Type: wire.TypeResponse, CorrelID: fr.ID, Data: []byte(`{"connections":7}`), TS: time.Now()})
			c.raw(ws.NewFrame(op, true, data))
		},
		"unknown frame types": func(c *peerConn, fr *wire.Frame) {
			for _, typ := range []wire.FrameType{"", "hello", wire.TypeRequest} {
				c.send(&wire.Frame{Type: typ, CorrelID: fr.ID})
			}
			c.send(&wire.Frame{Type: wire.TypeError, Error: &wire.ErrorDetail{Code: 400}, CorrelID: "another's"})
			c.reply(fr, map[string]int{"connections": 7})
		},
		"the answer twice": func(c *peerConn, fr *wire.Frame) {
			c.reply(fr, map[string]int{"connections": 7})
			c.reply(fr, map[string]int{"connections": 8})
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method == client.MethodStats {
						send(c, fr)
					}
				}
				c := p.dial(format)
				stats, err := c.Stats(t.Context())
				if err != nil || stats.Connections != 7 {
					t.Errorf("%+v, %v", stats, err)
				}
				synctest.Wait()
				if p.count() != 1 || c.State() != client.StateReady {
					t.Errorf("%d connections, %v", p.count(), c.State())
				}
			})
		})
	}
}

func TestInvalidRepliesFailOnlyTheirCall(t *testing.T) {
	for name, data := range map[string]string{
		"number out of range": `{"id":"1","priority":1e400,"state":"completed"}`,
		"deep":                `{"id":` + strings.Repeat("[", 400) + strings.Repeat("]", 400) + `}`,
		"bad time":            `{"id":"1","created_at":"yesterday"}`,
		"bad base64":          `{"id":"1","payload":"!!!"}`,
		"an array":            `[]`,
		"null":                `null`,
		"nothing":             ``,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method == client.MethodJobGet {
						c.send(&wire.Frame{Type: wire.TypeResponse, CorrelID: fr.ID, Data: []byte(data)})
						return
					}
					c.polite(fr)
				}
				c := p.dial(format)
				var garbled *client.ReplyError
				if _, err := c.GetJob(t.Context(), "1"); !errors.As(err, &garbled) || garbled.Method != "job.get" || !client.SafeToRetry(err) {
					t.Errorf("%T %v", err, err)
				}
				if _, err := c.Stats(t.Context()); err != nil || p.count() != 1 {
					t.Errorf("afterwards: %v, %d connections", err, p.count())
				}
			})
		})
	}
}

func TestClaimedSizesDoNotCostMemory(t *testing.T) {
	p := newPeer(t) // not parallel: it measures
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Method == client.MethodStats {
			var h [10]byte
			h[0], h[1] = 0x81, 127
			binary.BigEndian.PutUint64(h[2:], 16<<20)
			c.Write(h[:])
			c.Write(make([]byte, 100)) // and no more
			c.Cut()
			return
		}
		c.polite(fr)
	}
	c := p.dial(client.WithReconnect(false))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.Stats(t.Context())
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d bytes were allocated for a claim of 16 MiB", grown)
	}
}

func TestPingFloodIsAnsweredWithinBounds(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		p.conn(1).StallReads() // it reads no pongs
		for i := range 20_000 {
			p.conn(1).raw(ws.NewPingFrame(fmt.Appendf(nil, "%d", i)))
		}
		synctest.Wait()
		p.conn(1).Resume()
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
		if n := p.conn(1).controls.Load(); n == 0 || n > 15_000 {
			t.Errorf("%d pongs", n)
		}
	})
}
