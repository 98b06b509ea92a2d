package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// tapped collects the frames of a tap.
type tapped struct {
	mu     sync.Mutex
	frames []client.Frame
}

func (t *tapped) option() client.Option {
	return client.WithFrameTap(func(f client.Frame) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.frames = append(t.frames, f)
	})
}

// lines returns what there was, a line a frame.
func (t *tapped) lines() (lines []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.frames {
		what := f.Method
		if f.Error != nil {
			what = f.Error.Message
		}
		line := fmt.Sprintf("%d %s %s %s", f.Session, f.Direction, f.Type, what)
		if f.Lane {
			line += " on a lane"
		}
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

func TestFrameTapSeesTheFramesOfAllSessionsAsOnTheWire(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var tap tapped
		p := newPeer(t)
		c := p.dial(format, tap.option())
		if _, err := c.Enqueue(t.Context(), "n", strings.Repeat("x", 100_000)); err != nil {
			t.Fatal(err)
		}
		p.conn(1).Cut()
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // until the credits are granted
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
			t.Fatal(err)
		}
		c.Close()
		want := []string{
			"1 send request auth", "1 recv response", "1 send event", "1 send request job.enqueue", "1 recv response",
			"2 send request auth", "2 recv response", "2 send event",
			"3 send request auth on a lane", "3 recv response on a lane",
			"3 send request workflow.start on a lane", "3 recv response on a lane",
		}
		if diff := cmp.Diff(want, tap.lines()); diff != "" {
			t.Error(diff)
		}
		f := tap.frames[3]
		if f.ID == "" || f.Time.IsZero() || f.Binary != (f.Format == "msgpack") || len(f.Data) < 100_000 || tap.frames[4].CorrelID != f.ID {
			t.Errorf("%+.200v", f)
		}
	})
}

func TestFrameTapShowsNoToken(t *testing.T) {
	for _, token := range []string{"secret-token", "pw", "\xff\xfe", "half-secret\xff", "a\"b\\c", "ключ"} {
		t.Run(fmt.Sprintf("%q", token), func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				var tap tapped
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method != client.MethodStats {
						c.polite(fr)
						return
					}
					text := strings.ToValidUTF8(token, "\ufffd")
					details, _ := json.Marshal(map[string]string{"token": text})
					c.send(&wire.Frame{Type: wire.TypeError, CorrelID: fr.ID, Error: &wire.ErrorDetail{Code: 403, Message: "not with " + text, Details: details}})
				}
				c := p.dial(format, tap.option(), client.WithToken(token))
				if _, err := c.Stats(t.Context()); err == nil {
					t.Fatal("no error")
				}
				if _, err := c.Enqueue(t.Context(), "n", map[string]string{"as": token}); err != nil {
					t.Fatal(err)
				}
				c.Close()
				if len(tap.frames) < 6 {
					t.Errorf("%v", tap.lines())
				}
				secret := token
				if token == "pw" { // which is redacted as a word only
					secret = `"pw"`
				}
				secret = strings.TrimSuffix(secret, "\xff") // what JSON shows of it
				for i, f := range tap.frames {
					shown := fmt.Sprintf("%s %s %s %+v", f.Payload, f.Data, f.Method, f.Error)
					if strings.Contains(shown, secret) {
						t.Errorf("frame %d: %s", i, shown)
					}
					if f.Type == "" && utf8.ValidString(token) {
						t.Errorf("frame %d does not decode: %s", i, f.Payload)
					}
				}
				if auth := tap.frames[0]; !strings.Contains(string(auth.Payload), "[redacted]") {
					t.Errorf("auth: %s", auth.Payload)
				}
			})
		})
	}
}

func TestFrameTapThatBlocksHoldsNothingUp(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		release := make(chan struct{})
		p := newPeer(t)
		c := p.dial(format, client.WithFrameTap(func(client.Frame) { <-release }))
		for range 3000 { // more frames than may wait
			if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		c.Close()
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("Close took %v", took)
		}
		close(release)
		synctest.Wait()
	})
}

func TestFrameTapThatEndsItsGoroutineGetsTheNextFrames(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var seen int
		p := newPeer(t)
		c := p.dial(format, client.WithFrameTap(func(client.Frame) {
			if seen++; seen%2 == 0 {
				runtime.Goexit()
			}
		}))
		if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
			t.Fatal(err)
		}
		c.Close()
		if seen != 5 {
			t.Errorf("%d frames, want 5", seen)
		}
	})
}

func TestFrameTapSeesNoPayloadOfAFrameThatIsTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var tap tapped
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) { c.reply(fr, strings.Repeat("x", 8192)) }
		c := p.dial(format, tap.option(), client.WithLimits(client.Limits{MessageBytes: 4096}))
		if err := c.Call(t.Context(), "big", nil, nil); err == nil {
			t.Fatal("no error")
		}
		c.Close()
		last := tap.frames[len(tap.frames)-1]
		if !last.Truncated || last.Payload != nil || last.CorrelID == "" || last.Direction != client.FrameReceived {
			t.Errorf("%+v", last)
		}
	})
}

func TestFramesAreWrittenAndReadAsRecordings(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var file bytes.Buffer
		lines := json.NewEncoder(&file)
		var frames []client.Frame
		p := newPeer(t)
		c := p.dial(format, client.WithFrameTap(func(f client.Frame) {
			frames = append(frames, f)
			if err := lines.Encode(f); err != nil {
				t.Error(err)
			}
		}))
		if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
			t.Fatal(err)
		}
		c.Close()
		var read []client.Frame
		for in := json.NewDecoder(&file); in.More(); {
			var f client.Frame
			if err := in.Decode(&f); err != nil {
				t.Fatal(err)
			}
			read = append(read, f)
		}
		if diff := cmp.Diff(frames, read, cmp.Comparer(func(x, y time.Time) bool { return x.Equal(y) }), cmp.AllowUnexported(client.Error{})); diff != "" || len(read) == 0 {
			t.Error(diff)
		}
	})
}

func TestRecordingsOfAProductionServerAreFrames(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "schema", "testdata", "wire", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		for lines.Buffer(nil, 1<<20); lines.Scan(); {
			var f client.Frame
			if err := json.Unmarshal(lines.Bytes(), &f); err != nil || f.Type == "" && f.Direction == client.FrameReceived {
				t.Errorf("%s: %.100s: %v", path, lines.Bytes(), err)
			}
		}
	}
}

func TestRecordingLineThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for _, line := range []string{`1`, `{}`, `{"dir":"up"}`, `{"dir":"send","hex":"0"}`} {
		var f client.Frame
		if err := json.Unmarshal([]byte(line), &f); err == nil {
			t.Errorf("%s: no error", line)
		}
	}
}
