package wire

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
)

// allocated returns the bytes that f allocates. It is exact only while nothing
// else runs, so the tests that ask are not parallel.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// bound is how much a decoder may allocate for an input: a constant times its
// length, and what a frame and an error take.
func bound(input []byte) uint64 { return 16*uint64(len(input)) + 64<<10 }

func TestDecodingAllocatesInProportionToItsInput(t *testing.T) {
	claim := func(head string, n uint32, tail string) string {
		return head + string(binary.BigEndian.AppendUint32(nil, n)) + tail
	}
	const most = 1<<32 - 1
	escapes := strings.Repeat(`\u0041`, 1<<17)
	inputs := map[string]struct {
		format Format
		data   string
	}{
		"msgpack map of 4 Gi":        {FormatMsgpack, claim("\xdf", most, "")},
		"msgpack id of 4 GiB":        {FormatMsgpack, claim("\x81\xa2id\xdb", most, "x")},
		"msgpack data of 4 GiB":      {FormatMsgpack, claim("\x81\xa4data\xc6", most, "x")},
		"msgpack data of 16 MiB":     {FormatMsgpack, claim("\x81\xa4data\xc6", 1<<24, "x")},
		"msgpack details of 4 GiB":   {FormatMsgpack, claim("\x81\xa5error\x81\xa7details\xc6", most, "x")},
		"msgpack unknown array":      {FormatMsgpack, claim("\x81\xa1x\xdd", most, "\x01\x02")},
		"msgpack unknown map":        {FormatMsgpack, claim("\x81\xa1x\xdf", most, "\x01\x02")},
		"msgpack unknown ext":        {FormatMsgpack, claim("\x81\xa1x\xc9", most, "\x01\x02")},
		"msgpack key of 4 GiB":       {FormatMsgpack, claim("\x81\xdb", most, "id")},
		"msgpack nested arrays":      {FormatMsgpack, "\x81\xa1x" + strings.Repeat("\x91", 1<<20)},
		"msgpack long id":            {FormatMsgpack, claim("\x81\xa2id\xdb", 1<<20, strings.Repeat("x", 1<<20))},
		"msgpack long data":          {FormatMsgpack, claim("\x81\xa4data\xc6", 1<<20, strings.Repeat("x", 1<<20))},
		"JSON long id":               {FormatJSON, `{"id":"` + strings.Repeat("x", 1<<20) + `"}`},
		"JSON escaped id":            {FormatJSON, `{"id":"` + escapes + `"}`},
		"JSON escaped strings":       {FormatJSON, `{"id":"` + escapes + `","token":"` + escapes + `","` + escapes + `":1}`},
		"JSON nested arrays":         {FormatJSON, `{"data":` + strings.Repeat("[", 1<<20)},
		"JSON nested long keys":      {FormatJSON, `{"data":` + strings.Repeat(`{"`+strings.Repeat("k", 2000)+`":`, 600)},
		"JSON many members":          {FormatJSON, `{` + strings.Repeat(`"x":[{},[]],`, 1<<16) + `"id":"1"}`},
		"JSON long number":           {FormatJSON, `{"credits":1` + strings.Repeat("0", 1<<20) + `}`},
		"JSON long fraction":         {FormatJSON, `{"credits":1.` + strings.Repeat("0", 1<<20) + `}`},
		"JSON enormous exponent":     {FormatJSON, `{"credits":1e99999999}`},
		"JSON error at the very end": {FormatJSON, `{"data":[` + strings.Repeat(`"a",`, 1<<18) + `x]}`},
		"JSON long time":             {FormatJSON, `{"ts":"2026-11-23T14:29:36.` + strings.Repeat("1", 1<<20) + `Z"}`},
	}
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			data := []byte(input.data)
			var fr Frame
			got := allocated(func() { _ = input.format.Decode(data, &fr) })
			if got > bound(data) {
				t.Errorf("%d bytes of input made the decoder allocate %d", len(data), got)
			}
		})
	}
}

func TestKnownStringsAreNotCopiedAgain(t *testing.T) {
	for _, f := range formats {
		message, err := f.Append(nil, &Frame{ID: "a-1", Type: TypeEvent, Channel: "job:1", Data: []byte(`{"type":"x"}`)})
		if err != nil {
			t.Fatal(err)
		}
		var fr Frame
		if n := testing.AllocsPerRun(100, func() {
			if err := f.Decode(message, &fr); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: decoding an equal frame again allocates %v times", f, n)
		}
		if n := testing.AllocsPerRun(100, func() {
			fr = Frame{}
			if err := f.Decode(message, &fr); err != nil {
				t.Fatal(err)
			}
		}); n > 1 {
			t.Errorf("%s: decoding a frame allocates %v times, want once for its strings", f, n)
		}
	}
}
