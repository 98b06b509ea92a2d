package conform_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/conform"
	"github.com/xraph/dispatch/internal/wire"
)

// recording reads a conversation with a production server.
func recording(t *testing.T, name string, format wire.Format) []conform.Message {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "schema", "testdata", "wire", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var messages []conform.Message
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var line struct {
			Dir  string `json:"dir"`
			Text string `json:"text"`
			Hex  string `json:"hex"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		m := conform.Message{Conn: 1, Inbound: line.Dir == "send", Format: format, Raw: []byte(line.Text), Frame: new(wire.Frame)}
		if line.Hex != "" {
			if m.Raw, err = hex.DecodeString(line.Hex); err != nil {
				t.Fatal(err)
			}
		}
		if m.Raw[0] == '{' {
			m.Format = wire.FormatJSON // the first frame
		}
		if err := m.Format.Decode(m.Raw, m.Frame); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

func TestRecordedConversationsConformButForTheirMistakes(t *testing.T) {
	t.Parallel()
	mistakes := map[string]string{
		"req-22": `the schema has no method "no.such"`,
		"req-24": `the data of job.enqueue: expected object, but got string at ""`,
		"req-26": `the schema has no method ""`,
	}
	for name, want := range map[string]map[string]string{
		"json.jsonl": mistakes, "msgpack.jsonl": mistakes, "refused-token.jsonl": {}, "read-only-token.jsonl": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChecker(t)
			format := wire.FormatJSON
			if name == "msgpack.jsonl" {
				format = wire.FormatMsgpack
			}
			got := map[string]string{}
			for _, m := range recording(t, name, format) {
				if _, err := c.Check(m); err != nil {
					got[m.Frame.ID] = err.Error()
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func newChecker(t *testing.T) *conform.Checker {
	t.Helper()
	c, err := conform.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMistakesAreFound checks the last message of each conversation, for which the
// others prepare.
func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	const ts = `"ts":"2026-11-23T14:29:33.835453486Z"`
	const stats = `> {"id":"1","type":"request","method":"stats",` + ts + `}`
	const get = `> {"id":"1","type":"request","method":"job.get","data":{"job_id":"job_1"},` + ts + `}`
	for want, conversation := range map[string][]string{
		`not a frame`:                            {`> nonsense`},
		`missing properties: 'id'`:               {`> {"type":"ping",` + ts + `}`},
		`a client sends no response`:             {`> {"id":"1","type":"response",` + ts + `}`},
		`a server sends no ping`:                 {`< {"id":"1","type":"ping",` + ts + `}`},
		`a request with credits`:                 {`> {"id":"1","type":"request","method":"stats","credits":1,` + ts + `}`},
		`the id "1" is in use`:                   {stats, stats},
		`job.get without data`:                   {`> {"id":"1","type":"request","method":"job.get",` + ts + `}`},
		`the data of stats should not be there`:  {`> {"id":"1","type":"request","method":"stats","data":{},` + ts + `}`},
		`missing properties: 'job_id'`:           {`> {"id":"1","type":"request","method":"job.get","data":{},` + ts + `}`},
		`a response to "1", which waits for`:     {`< {"id":"2","type":"response","correl_id":"1","data":{},` + ts + `}`},
		`a response to "1", which waits for not`: {stats, `< {"id":"2","type":"error","correl_id":"1","error":{"code":500,"message":""},` + ts + `}`, `< {"id":"2","type":"response","correl_id":"1","data":{},` + ts + `}`},
		`a frame of type error with the error <`: {stats, `< {"id":"2","type":"error","correl_id":"1",` + ts + `}`},
		`the response to job.get: missing prope`: {get, `< {"id":"2","type":"response","correl_id":"1","data":{"id":"job_1"},` + ts + `}`},
		`the event: value must be one of`:        {`< {"id":"2","type":"event","channel":"job:1","data":{"type":"no.such",` + ts + `,"topic":"job:1","data":{}},` + ts + `}`},
		`an event of "job:1" on channel "jobs"`:  {`< {"id":"2","type":"event","channel":"jobs","data":{"type":"job.started",` + ts + `,"topic":"job:1","data":{}},` + ts + `}`},
		`the payload of job.started: missing`:    {`< {"id":"2","type":"event","channel":"job:1","data":{"type":"job.started",` + ts + `,"topic":"job:1","data":{}},` + ts + `}`},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c := newChecker(t)
			for i, line := range conversation {
				m := conform.Message{Conn: 1, Inbound: line[0] == '>', Format: wire.FormatJSON, Raw: []byte(line[2:]), Frame: new(wire.Frame)}
				if err := m.Format.Decode(m.Raw, m.Frame); err != nil {
					m.Frame = nil
				}
				_, err := c.Check(m)
				if last := i == len(conversation)-1; last && (err == nil || !strings.Contains(err.Error(), want)) || !last && err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		})
	}
}
