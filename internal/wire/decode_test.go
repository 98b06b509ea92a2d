package wire

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xraph/dispatch/codec"
)

func TestJSONIsReadLenientlyWhereServersMayDiffer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Frame{
		`{}`:                       {},
		" {\t\"id\" :\r\n\"1\" } ": {ID: "1"},
		`{"id":null,"type":null,"method":null,"correl_id":null,"token":null,"app_id":null,"org_id":null,` +
			`"data":null,"error":null,"channel":null,"credits":null,"ts":null}`: {},
		`{"x":{"id":"2","x":[1,{}]},"x":1.5e-7,"id":"1"}`: {ID: "1"},
		`{"ID":"1","Id":"2"}`:                             {},
		`{"type":"pause"}`:                                {Type: "pause"},
		`{"\u0069d":"\ud83d\ude00\ud800\/"}`:              {ID: "\U0001F600\uFFFD/"},
		`{"credits":1e2}`:                                 {Credits: 100},
		`{"credits":4294967295.0}`:                        {Credits: 4294967295},
		`{"data":[]}`:                                     {Data: []byte(`[]`)},
		`{"data": "x" ,"id":"1"}`:                         {ID: "1", Data: []byte(`"x"`)},
		`{"error":{}}`:                                    {Error: &ErrorDetail{}},
		`{"error":{"code":null,"message":null,"details":null,"more":[null]}}`: {Error: &ErrorDetail{}},
		`{"ts":"2026-11-23T16:29:36.64+02:00"}`:                               {TS: time.Date(2026, 11, 23, 14, 29, 36, 640e6, time.UTC)},
		`{"ts":"2028-02-29T23:59:59Z"}`:                                       {TS: time.Date(2028, 2, 29, 23, 59, 59, 0, time.UTC)},
	} {
		var got Frame
		if err := FormatJSON.Decode([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestBadJSONFramesAreTypedErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		kind    error
		pointer string
	}{
		{``, ErrSyntax, ""},
		{`{`, ErrSyntax, ""},
		{`{}x`, ErrSyntax, ""},
		{`{}{}`, ErrSyntax, ""},
		{`{"id":"1",}`, ErrSyntax, ""},
		{`{"id" "1"}`, ErrSyntax, "/id"},
		{`{"id":"1" "type":"event"}`, ErrSyntax, "/id"},
		{`{id:"1"}`, ErrSyntax, ""},
		{`{"id":"` + "\n" + `"}`, ErrSyntax, "/id"},
		{`{"id":"\x"}`, ErrSyntax, "/id"},
		{`{"id":"\u12g4"}`, ErrSyntax, "/id"},
		{`{"id":"1`, ErrSyntax, "/id"},
		{`{"data":{"a":[1,2,}]}}`, ErrSyntax, "/data/a/2"},
		{`{"data":01}`, ErrSyntax, "/data"},
		{`{"data":1.}`, ErrSyntax, "/data"},
		{`{"data":-}`, ErrSyntax, "/data"},
		{`{"data":tru}`, ErrSyntax, "/data"},
		{`{"data":nan}`, ErrSyntax, "/data"},
		{`{"data":"a` + "\x00" + `"}`, ErrSyntax, "/data"},
		{`{"data":` + strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1) + `}`, nil, ""},
		{`{"data":` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + `}`, ErrTooDeep, "/data" + strings.Repeat("/0", MaxDepth-1)},
		{`{"x":` + strings.Repeat(`{"a":`, 1<<20), ErrTooDeep, "/x" + strings.Repeat("/a", MaxDepth-1)},
		{"{\"id\":\"\xff\"}", ErrBadUTF8, "/id"},
		{"{\"id\":\"\xed\xa0\x80\"}", ErrBadUTF8, "/id"},
		{"{\"data\":[\"\xc3\"]}", ErrBadUTF8, "/data/0"},
		{"{\"x\xff\":1}", ErrBadUTF8, "/x\uFFFD"},
		{"{\"x\":\xff}", ErrSyntax, "/x"},
		{"\xef\xbb\xbf{}", ErrSyntax, ""},
		{`null`, ErrWrongType, ""},
		{`[]`, ErrWrongType, ""},
		{`"x"`, ErrWrongType, ""},
		{`{"id":1}`, ErrWrongType, "/id"},
		{`{"type":["event"]}`, ErrWrongType, "/type"},
		{`{"error":"x"}`, ErrWrongType, "/error"},
		{`{"error":{"code":"404"}}`, ErrWrongType, "/error/code"},
		{`{"error":{"message":404}}`, ErrWrongType, "/error/message"},
		{`{"credits":1.5}`, ErrWrongType, "/credits"},
		{`{"credits":true}`, ErrWrongType, "/credits"},
		{`{"credits":-1}`, ErrRange, "/credits"},
		{`{"credits":4294967296}`, ErrRange, "/credits"},
		{`{"credits":1e999999999999}`, ErrRange, "/credits"},
		{`{"error":{"code":18446744073709551616}}`, ErrRange, "/error/code"},
		{`{"ts":"yesterday"}`, ErrWrongType, "/ts"},
		{`{"ts":"2026-02-30T00:00:00Z"}`, ErrWrongType, "/ts"},
		{`{"ts":"2026-11-23 14:29:36Z"}`, ErrWrongType, "/ts"},
		{`{"ts":1795444173}`, ErrWrongType, "/ts"},
		{`{"id":"1","id":"1"}`, ErrDuplicate, "/id"},
		{`{"correl_id":"1","x":1,"\u0063orrel_id":null}`, ErrDuplicate, "/correl_id"},
		{`{"data":1,"data":1}`, ErrDuplicate, "/data"},
		{`{"error":{"code":1,"code":2}}`, ErrDuplicate, "/error/code"},
	}
	for _, test := range tests {
		var fr Frame
		err := FormatJSON.Decode([]byte(test.text), &fr)
		if !errors.Is(err, test.kind) {
			t.Errorf("%.60q: %v, want %v", test.text, err, test.kind)
			continue
		}
		var where *codec.Error
		if errors.As(err, &where) && where.Pointer != test.pointer {
			t.Errorf("%.60q: the error points at %q, want %q: %v", test.text, where.Pointer, test.pointer, err)
		}
	}
}

func TestMsgpackIsReadLenientlyWhereServersMayDiffer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Frame{
		"80":                                 {},
		"de0000":                             {},
		"df00000001 a26964 d90131":           {ID: "1"},
		"82 a178 9381a17801c0c2 a26964 a131": {ID: "1"}, // an unknown member
		"84 a26964 c0 a464617461 c0 a56572726f72 c0 a27473 c0": {},
		"81 a464617461 c4027b7d":                               {Data: []byte(`{}`)},
		"81 a464617461 a27b7d":                                 {Data: []byte(`{}`)},
		"81 a464617461 da00027b7d":                             {Data: []byte(`{}`)},
		// left to the decoder of the data
		"81 a464617461 c4017b": {Data: []byte(`{`)},
		// msgpack is not checked for UTF-8
		"81 a26964 a1ff": {ID: "\xff"},
		"81 a56572726f72 81 a764657461696c73 c4027b7d": {Error: &ErrorDetail{Details: []byte(`{}`)}},
		// a native map
		"81 a56572726f72 81 a764657461696c73 82a16101a16290": {Error: &ErrorDetail{Details: []byte(`{"a":1,"b":[]}`)}},
		// a native string
		"81 a56572726f72 81 a764657461696c73 a3783c79":           {Error: &ErrorDetail{Details: []byte(`"x\u003cy"`)}},
		"81 a56572726f72 81 a764657461696c73 cb7ff8000000000001": {Error: &ErrorDetail{Details: []byte(`"NaN"`)}},
		"81 a56572726f72 81 a764657461696c73 c400":               {Error: &ErrorDetail{}},
		"81 c4026964 a131":                           {ID: "1"}, // a bin as key
		"81 a763726564697473 05":                     {Credits: 5},
		"81 a763726564697473 d3 0000000000000005":    {Credits: 5},
		"81 a27473 d6ff 00000001":                    {TS: time.Unix(1, 0).UTC()},
		"81 a27473 c70cff 3b9ac9ff ffffffffffffffff": {TS: time.Unix(-1, 999999999).UTC()},
		// tinylib/msgp's own ext 5
		"81 a27473 c70c05 0000000000000001 00000002": {TS: time.Unix(1, 2).UTC()},
	} {
		var got Frame
		if err := FormatMsgpack.Decode(unhex(t, text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestBadMsgpackFramesAreTypedErrors(t *testing.T) {
	t.Parallel()
	arrays := func(n int) string { return strings.Repeat("91", n) + "c0" }
	tests := []struct {
		text string
		kind error
	}{
		{"", ErrSyntax},
		{"81", ErrSyntax},
		{"81 a26964", ErrSyntax},
		{"81 a26964 a5", ErrSyntax},
		{"81 a26964 dbffffffff 31", ErrSyntax},
		{"81 a464617461", ErrSyntax},
		{"81 a464617461 c6ffffffff", ErrSyntax},
		{"81 a464617461 c1", ErrWrongType},
		{"81 a178 c1", ErrSyntax},
		{"81 a178 ddffffffff", ErrSyntax},
		{"81 a178 dfffffffff", ErrSyntax},
		{"dfffffffff", ErrSyntax},
		{"dfffffffff a178 c0", ErrSyntax},
		{"80 80", ErrSyntax},
		{"80 c0", ErrSyntax},
		{"81 a27473 d6ff 0000", ErrSyntax},
		{"c0", ErrWrongType},
		{"90", ErrWrongType},
		{"a0", ErrWrongType},
		{"81 01 01", ErrWrongType},
		{"81 a26964 01", ErrWrongType},
		{"81 a26964 c40131", ErrWrongType},
		{"81 a464617461 80", ErrWrongType}, // a native map as data
		{"81 a464617461 9101", ErrWrongType},
		{"81 a464617461 c3", ErrWrongType},
		{"81 a56572726f72 a178", ErrWrongType},
		{"81 a56572726f72 81 a4636f6465 a3343034", ErrWrongType},
		{"81 a56572726f72 81 a764657461696c73 c1", ErrSyntax},
		{"81 a56572726f72 81 a764657461696c73 81a161", ErrSyntax},
		{"81 a56572726f72 81 a764657461696c73" + arrays(MaxDepth+1), ErrTooDeep},
		{"81 a763726564697473 cb3ff0000000000000", ErrWrongType},
		{"81 a763726564697473 ff", ErrRange},
		{"81 a763726564697473 cf0000000100000000", ErrRange},
		{"81 a56572726f72 81 a4636f6465 d0ff", ErrRange},
		{"81 a27473 a4323032 36", ErrWrongType},
		{"81 a27473 d7ff ffffffff 00000000", ErrWrongType}, // more than a second of nanoseconds
		{"81 a27473 d701 0000000000000000", ErrWrongType},
		{"82 a26964 a131 a26964 a131", ErrDuplicate},
		{"82 a464617461 c0 a464617461 c0", ErrDuplicate},
		{"81 a56572726f72 82 a4636f6465 01 a4636f6465 01", ErrDuplicate},
		{"81 a178" + arrays(MaxDepth-1), nil},
		{"81 a178" + arrays(MaxDepth), ErrTooDeep},
		{"81 a178" + arrays(1<<20), ErrTooDeep},
		{"81 a56572726f72 81 a178" + arrays(MaxDepth-2), nil},
		{"81 a56572726f72 81 a178" + arrays(MaxDepth-1), ErrTooDeep},
	}
	for _, test := range tests {
		var fr Frame
		if err := FormatMsgpack.Decode(unhex(t, test.text), &fr); !errors.Is(err, test.kind) {
			t.Errorf("%.60s: %v, want %v", test.text, err, test.kind)
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTruncatedFramesAreErrors(t *testing.T) {
	t.Parallel()
	for _, r := range recordings(t) {
		for n := range r.data {
			var fr Frame
			if err := r.format.Decode(r.data[:n], &fr); !errors.Is(err, ErrSyntax) {
				t.Fatalf("%s: the first %d bytes of %q: %v, want ErrSyntax", r.where, n, r.data, err)
			}
		}
	}
}

func TestEnvelopesAreRead(t *testing.T) {
	t.Parallel()
	text := `{"type":"job.started","ts":"2026-11-23T14:29:42.670000085Z","topic":"job:1","data":{"job_id":"1"},"more":[{}]}`
	want := EventEnvelope{
		Type: "job.started", TS: time.Date(2026, 11, 23, 14, 29, 42, 670000085, time.UTC), Topic: "job:1", Data: []byte(`{"job_id":"1"}`),
	}
	got := EventEnvelope{Type: "job.started", Topic: "other", Data: []byte(`1`)}
	if err := DecodeEnvelope([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := DecodeEnvelope([]byte(`{"topic":null}`), &got); err != nil || !cmp.Equal(got, EventEnvelope{}) {
		t.Errorf("an empty envelope reads as %v, %v", got, err)
	}
	for text, kind := range map[string]error{
		``: ErrSyntax, `{"type":"x"`: ErrSyntax, `null`: ErrWrongType, `[]`: ErrWrongType, `{"type":1}`: ErrWrongType,
		`{"ts":"now"}`: ErrWrongType, `{"topic":"a","topic":"b"}`: ErrDuplicate, `{"data":{]}`: ErrSyntax,
	} {
		if err := DecodeEnvelope([]byte(text), new(EventEnvelope)); !errors.Is(err, kind) {
			t.Errorf("%s: %v, want %v", text, err, kind)
		}
	}
}
