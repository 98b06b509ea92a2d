package schema_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// recorded is one frame of a recorded conversation with a production server.
type recorded struct {
	sent  bool
	frame map[string]any
}

// recordings are the recorded conversations by the names of their files.
func recordings(t *testing.T) map[string][]recorded {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "wire", "*.jsonl"))
	if err != nil || len(paths) != 4 {
		t.Fatalf("want 4 recordings, got %v, %v", paths, err)
	}
	conversations := map[string][]recorded{}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var line struct {
				Dir  string `json:"dir"`
				Text string `json:"text"`
				Hex  string `json:"hex"`
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			r := recorded{sent: line.Dir == "send"}
			if line.Hex != "" {
				r.frame = unpack(t, line.Hex)
			} else {
				r.frame = parse(t, []byte(line.Text)).(map[string]any)
			}
			conversations[filepath.Base(path)] = append(conversations[filepath.Base(path)], r)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return conversations
}

// unpack turns a msgpack frame into the JSON document that it stands for: data
// is JSON text in a bin, ts a timestamp. It shares no code with the client, so
// that both cannot be wrong in the same way.
func unpack(t *testing.T, text string) map[string]any {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	frame, rest := unpackMap(t, b)
	if len(rest) > 0 {
		t.Fatalf("%d bytes after the frame", len(rest))
	}
	return frame
}

func unpackMap(t *testing.T, b []byte) (members map[string]any, rest []byte) {
	t.Helper()
	size, b, err := msgp.ReadMapHeaderBytes(b)
	members = map[string]any{}
	for range size {
		if err != nil {
			break
		}
		var name string
		if name, b, err = msgp.ReadStringBytes(b); err != nil {
			break
		}
		switch kind := msgp.NextType(b); kind {
		case msgp.MapType:
			members[name], b = unpackMap(t, b)
		case msgp.StrType:
			members[name], b, err = msgp.ReadStringBytes(b)
		case msgp.UintType, msgp.IntType:
			var n int64
			n, b, err = msgp.ReadInt64Bytes(b)
			members[name] = n
		case msgp.BinType:
			var data []byte
			if data, b, err = msgp.ReadBytesZC(b); err == nil {
				members[name] = parse(t, data)
			}
		case msgp.TimeType, msgp.ExtensionType: // the latter at the end of the input
			var ts time.Time
			ts, b, err = msgp.ReadTimeBytes(b)
			members[name] = ts.UTC().Format(time.RFC3339Nano)
		default:
			t.Fatalf("%s is a %v", name, kind)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return members, b
}

// TestBothFormatsTellTheSameStory: the msgpack conversation was led like the
// JSON one, so its client's frames are the same but for ids and times.
func TestBothFormatsTellTheSameStory(t *testing.T) {
	t.Parallel()
	conversations := recordings(t)
	var stories [2]bytes.Buffer
	for i, name := range []string{"json.jsonl", "msgpack.jsonl"} {
		for _, r := range conversations[name] {
			if method, _ := r.frame["method"].(string); r.sent {
				stories[i].WriteString(r.frame["id"].(string) + " " + r.frame["type"].(string) + " " + method + "\n")
			}
		}
	}
	if stories[0].String() != stories[1].String() || stories[0].Len() == 0 {
		t.Errorf("JSON:\n%s\nmsgpack:\n%s", &stories[0], &stories[1])
	}
}
