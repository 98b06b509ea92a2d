package devserver_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// recorded is a message of a conversation with a production server.
type recorded struct {
	sent    bool
	op      ws.OpCode
	message []byte
	format  wire.Format
	frame   *wire.Frame
}

// readRecording reads a conversation from testdata.
func readRecording(t *testing.T, name string, format wire.Format) []recorded {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var messages []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Dir    string `json:"dir"`
			Opcode string `json:"opcode"`
			Text   string `json:"text"`
			Hex    string `json:"hex"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		m := recorded{sent: line.Dir == "send", op: ws.OpText, message: []byte(line.Text), format: format, frame: new(wire.Frame)}
		if line.Opcode == "binary" {
			m.op = ws.OpBinary
		}
		if line.Hex != "" {
			if m.message, err = hex.DecodeString(line.Hex); err != nil {
				t.Fatal(err)
			}
		}
		if m.message[0] == '{' {
			m.format = wire.FormatJSON
		}
		if err := m.format.Decode(m.message, m.frame); err != nil {
			t.Fatalf("%s: %v", line.Text, err)
		}
		messages = append(messages, m)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return messages
}

var (
	entityID = regexp.MustCompile(`\b(job|wfrun|evt)_[0-9a-z]{26}\b`)
	// What may differ between two runs of one conversation, and what replaces it.
	incidental = []struct {
		pattern *regexp.Regexp
		blank   string
	}{
		{regexp.MustCompile(`"\d{14}\.\d{9}"`), `"<frame id>"`},
		{regexp.MustCompile(`"ws_\d+"`), `"<session id>"`},
		{regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`), `"<time>"`},
		{regexp.MustCompile(`"elapsed_ms":\d+`), `"elapsed_ms":"<duration>"`},
		{regexp.MustCompile(`"evt_[0-9a-z]{26}"`), `"<event id>"`},
		{regexp.MustCompile(`"invalid frame: .*?[^\\]"`), `"invalid frame: <reason>"`},
		{regexp.MustCompile(`of type \w+\.\w+`), `of type <Go type>`},
	}
)

// shape is a frame's document with everything incidental blanked, and with the
// recording's ids for those of this run.
func shape(t *testing.T, fr *wire.Frame, ids map[string]string) any {
	t.Helper()
	text, err := wire.FormatJSON.Append(nil, fr)
	if err != nil {
		t.Fatal(err)
	}
	text = translate(text, ids)
	for _, i := range incidental {
		text = i.pattern.ReplaceAll(text, []byte(i.blank))
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return document
}

// translate replaces ids, which are all of one length, wherever they stand.
func translate(text []byte, ids map[string]string) []byte {
	for from, to := range ids {
		text = bytes.ReplaceAll(text, []byte(from), []byte(to))
	}
	return text
}
