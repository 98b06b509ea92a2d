package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xraph/dispatch/codec"
)

// requestsAgree fails unless an encoder appends a request as the general one appends its frame.
func requestsAgree(tb testing.TB, e *Encoder, n uint64, method string, data []byte, ts time.Time) {
	tb.Helper()
	fr := Frame{ID: string(e.ids.Append(nil, n)), Type: TypeRequest, Method: method, Data: data, TS: ts}
	before := make([]byte, 3, 1<<10)
	want, wantErr := e.format.Append(before, &fr)
	got, err := e.AppendRequest([]byte{0, 0, 0}, n, method, data, ts)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) || string(got) != string(want) {
		tb.Errorf("%s of %v:\n%q, %v, want\n%q, %v", method, ts, got, err, want, wantErr)
	}
}

func TestRequestsAreAppendedAsTheirFramesAre(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 14, 29, 34, 140220375, time.UTC)
	times := []time.Time{
		at, at, at.Add(time.Nanosecond), at.Add(time.Second), at.Truncate(time.Second), at.Truncate(time.Millisecond), at.Truncate(100 * time.Millisecond),
		at.In(time.FixedZone("", 3600)), at.In(time.FixedZone("", 90)), time.Unix(-1, 5), time.Unix(0, 0),
		{},
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), at, time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<34, 1), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 23, 14, 29, 34, 100000000, time.FixedZone("", -9000)),
	}
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	many := append(append([]byte("["), []byte(strings.Repeat("[],{},", MaxDepth))...), "1]"...)
	for _, format := range formats {
		e := NewEncoder(format, NewIDs())
		for _, ts := range times {
			for _, n := range []uint64{1, 12345, math.MaxUint64} {
				requestsAgree(t, e, n, "job.enqueue", []byte(`{"name":"é","payload":[1,"\u003c"]}`), ts)
			}
		}
		for _, method := range []string{"", "m", `a"b<é`, strings.Repeat("m", 300), "\u2028"} {
			for _, data := range [][]byte{nil, {}, []byte(`{}`), []byte(`"` + strings.Repeat("x", 300) + `"`), []byte(`"` + strings.Repeat("x", 1<<16) + `"`)} {
				requestsAgree(t, e, 1, method, data, at)
			}
		}
		for _, data := range [][]byte{deep(MaxDepth - 1), deep(MaxDepth), deep(MaxDepth + 1), deep(2 * MaxDepth), many} {
			requestsAgree(t, e, 1, "m", data, at)
		}
		if _, err := e.AppendRequest(nil, 1, "m", deep(MaxDepth+1), at); !errors.Is(err, ErrTooDeep) {
			t.Errorf("%s: a request that is nested too deeply: %v", format, err)
		}
	}
}

func FuzzRequestsAreAppendedAsTheirFramesAre(f *testing.F) {
	f.Add("job.enqueue", `{"a":[1]}`, int64(1795444174), int64(140220375), uint64(7))
	f.Add("<", `[[["`, int64(-62135596801), int64(1), uint64(0))
	f.Fuzz(func(t *testing.T, method, text string, second, nanosecond int64, n uint64) {
		data, err := codec.AppendAny(nil, json.RawMessage(text))
		if err != nil || !utf8.Valid(data) {
			data, _ = codec.AppendAny(nil, text)
		}
		for _, format := range formats {
			e := NewEncoder(format, NewIDs())
			requestsAgree(t, e, n, method, data, time.Unix(second, nanosecond))
			requestsAgree(t, e, n, method, data, time.Unix(second, nanosecond/2))
		}
	})
}

func TestAppendingARequestAllocatesNothing(t *testing.T) {
	for _, format := range formats {
		e := NewEncoder(format, NewIDs())
		dst := make([]byte, 0, 1<<10)
		data, at := []byte(`{"name":"x"}`), time.Unix(1795444174, 0)
		if n := testing.AllocsPerRun(100, func() {
			at = at.Add(time.Second / 2)
			var err error
			if dst, err = e.AppendRequest(dst[:0], 1, "job.enqueue", data, at); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", format, n)
		}
	}
}
