package wire

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorded is one message of a conversation with a production server.
type recorded struct {
	where  string // file and line
	server bool   // sent by the server
	format Format
	data   []byte
}

// recordings returns every message that was recorded.
func recordings(tb testing.TB) []recorded {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) != 4 {
		tb.Fatalf("found %d recordings (%v), want 4", len(files), err)
	}
	var all []recorded
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for n := 1; lines.Scan(); n++ {
			var line struct {
				Dir  string `json:"dir"`
				Text string `json:"text"`
				Hex  string `json:"hex"`
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				tb.Fatalf("%s:%d: %v", name, n, err)
			}
			r := recorded{where: filepath.Base(name), server: line.Dir == "recv", format: FormatJSON, data: []byte(line.Text)}
			if line.Hex != "" {
				r.format = FormatMsgpack
				if r.data, err = hex.DecodeString(line.Hex); err != nil {
					tb.Fatal(err)
				}
			}
			all = append(all, r)
		}
		if err := lines.Err(); err != nil {
			tb.Fatal(err)
		}
	}
	return all
}

func TestRecordedFramesSurviveDecodingAndEncoding(t *testing.T) {
	t.Parallel()
	count := map[Format]int{}
	for _, r := range recordings(t) {
		count[r.format]++
		var fr, again Frame
		if err := r.format.Decode(r.data, &fr); err != nil {
			t.Errorf("%s: decode %q: %v", r.where, r.data, err)
			continue
		}
		out, err := r.format.Append(nil, &fr)
		if err != nil {
			t.Errorf("%s: encode %q: %v", r.where, r.data, err)
			continue
		}
		switch {
		case r.format == FormatJSON:
			if diff := cmp.Diff(document(t, r.data), document(t, out)); diff != "" {
				t.Errorf("%s: the document changed (-recorded +encoded):\n%s", r.where, diff)
			}
		case r.server:
			if !bytes.Equal(r.data, out) {
				t.Errorf("%s: the bytes changed:\nrecorded %x\nencoded  %x", r.where, r.data, out)
			}
		}
		if err := r.format.Decode(out, &again); err != nil {
			t.Errorf("%s: decode what was encoded: %v", r.where, err)
		}
		if diff := cmp.Diff(fr, again); diff != "" {
			t.Errorf("%s: the value changed (-recorded +encoded):\n%s", r.where, diff)
		}
	}
	if count[FormatJSON] < 40 || count[FormatMsgpack] < 40 {
		t.Errorf("recordings hold %v messages: some are missing", count)
	}
}

// document returns what a JSON text says, numbers as they are written.
func document(tb testing.TB, text []byte) (v any) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("%q: %v", text, err)
	}
	return v
}
