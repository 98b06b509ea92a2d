package wire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The decoder that reads in place is held equal to the general one here: what it reads in one pass,
// and what it leaves.

// onePass reports whether a message is read in one pass, into *v.
func (d *Decoder) onePass(message []byte, v *View) bool {
	if d.format == FormatJSON {
		return d.onePassJSON(message, v)
	}
	return d.onePassMsgpack(message, v)
}

// agree fails unless the decoder reads a message as the general one does, or leaves it to that. It
// reports whether it is read in one pass.
func agree(tb testing.TB, d *Decoder, message []byte) bool {
	tb.Helper()
	var want Frame
	var envelope EventEnvelope
	wantErr := d.format.DecodeWithin(message, d.depth, &want)
	var eventErr error
	if wantErr == nil && want.Type == TypeEvent {
		eventErr = DecodeEnvelope(want.Data, &envelope)
	}
	v := View{ID: []byte("x"), Error: new(ErrorDetail), Credits: 1, Event: EventView{Data: []byte("x")}, EventErr: errors.New("x")}
	one := d.onePass(message, &v)
	if one && (wantErr != nil || eventErr != nil) {
		tb.Fatalf("%q is read in one pass, and refused otherwise: %v, %v", message, wantErr, eventErr)
	}
	if err := d.Decode(message, &v); fmt.Sprint(err) != fmt.Sprint(wantErr) {
		tb.Fatalf("%q: %v, want %v", message, err, wantErr)
	} else if err != nil {
		return false
	}
	if fmt.Sprint(v.EventErr) != fmt.Sprint(eventErr) {
		tb.Fatalf("%q: the event: %v, want %v", message, v.EventErr, eventErr)
	}
	got := Frame{
		ID: string(v.ID), Type: v.Type, Method: string(v.Method), CorrelID: string(v.CorrelID), Token: string(v.Token),
		AppID: string(v.AppID), OrgID: string(v.OrgID), Data: v.Data, Error: v.Error, Channel: string(v.Channel), Credits: v.Credits, TS: v.TS,
	}
	if !reflect.DeepEqual(want, got) {
		diff := cmp.Diff(want, got)
		tb.Fatalf("%q (-general +decoder):\n%s", message, diff)
	}
	if eventErr == nil {
		got := EventEnvelope{Type: string(v.Event.Type), TS: v.Event.TS, Topic: string(v.Event.Topic), Data: v.Event.Data}
		if !reflect.DeepEqual(envelope, got) {
			diff := cmp.Diff(envelope, got)
			tb.Fatalf("the event of %q (-general +decoder):\n%s", message, diff)
		}
	}
	return one
}

func FuzzDecoderAgreesWithTheGeneralOne(f *testing.F) {
	for _, r := range recordings(f) {
		f.Add(r.format == FormatJSON, uint16(MaxDepth), r.data)
	}
	f.Add(true, uint16(3), []byte(`{"type":"event","data":{"data":{"a":[]},"ts":"1969-12-31T23:59:59.9Z"},"ts":"2026-11-23T14:29:34Z"}`))
	f.Add(true, uint16(3), []byte(`{"data":[null,true,false,-1,0,"é"],"id":""}`))
	f.Fuzz(func(t *testing.T, json bool, depth uint16, data []byte) {
		format := FormatMsgpack
		if json {
			format = FormatJSON
		}
		d := NewDecoder(format, int(depth))
		agree(t, d, data)
		agree(t, d, data) // with the times of the first known
	})
}

func TestRecordedRepliesAndEventsAreReadInOnePass(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		count := 0
		d := NewDecoder(format, MaxDepth)
		for _, r := range recordings(t) {
			var fr Frame
			if r.format != format {
				continue
			}
			one := agree(t, d, r.data)
			if err := r.format.Decode(r.data, &fr); err != nil || !r.server || fr.Type == TypeError || bytes.Contains(fr.Data, []byte(`\`)) {
				continue
			}
			if count++; !one {
				t.Errorf("%s: left to the general decoder: %q", r.where, r.data)
			}
		}
		if count < 20 {
			t.Errorf("only %d replies and events in %s: some are missing", count, format)
		}
	}
}

// TestChangedMessagesAreReadAsTheGeneralDecoderReadsThem changes each byte of messages to others, a
// fifth of all, leaves it out, and puts another before it.
func TestChangedMessagesAreReadAsTheGeneralDecoderReadsThem(t *testing.T) {
	t.Parallel()
	base := map[string]*Frame{
		"reply": {ID: "20261123142934.140217044", Type: TypeResponse, CorrelID: "q-1", Data: []byte(`{"a":[1,"é",true,{}],"b":-10}`), TS: benchFrames["reply"].TS},
		"event": {
			ID: "2", Type: TypeEvent, Channel: "job:1", TS: benchFrames["event"].TS,
			Data: []byte(`{"type":"job.started","ts":"2026-11-23T14:29:34.140086815Z","topic":"job:1","data":{"job_id":"1"}}`),
		},
		"pong": {ID: "3", Type: TypePong, CorrelID: "q-1", TS: benchFrames["event"].TS},
	}
	for name, fr := range base {
		for _, format := range formats {
			t.Run(name+"/"+string(format), func(t *testing.T) {
				t.Parallel()
				message, err := format.Append(nil, fr)
				if err != nil {
					t.Fatal(err)
				}
				d := NewDecoder(format, MaxDepth)
				if !agree(t, d, message) {
					t.Fatalf("%q is not read in one pass", message)
				}
				for i := range message {
					if agree(t, d, message[:i]) {
						t.Errorf("the first %d bytes of %q are read as a message", i, message)
					}
					agree(t, d, append(bytes.Clone(message[:i]), message[i+1:]...))
					changed := bytes.Clone(message)
					for c := i % 5; c < 256; c += 5 {
						changed[i] = byte(c)
						agree(t, d, changed)
					}
					for _, c := range []byte("\"\\{}[],: \n0Zn\x00\x80\xc0\xff") {
						agree(t, d, append(append(bytes.Clone(message[:i]), c), message[i:]...))
					}
				}
				for i := range message {
					for j := i + 1; j <= len(message); j += 23 { // a part of it twice
						agree(t, d, append(bytes.Clone(message[:j]), message[i:]...))
					}
				}
			})
		}
	}
}

func TestMessagesInOnePassAndThoseThatAreNot(t *testing.T) {
	t.Parallel()
	const event = `{"type":"event","data":`
	for text, want := range map[string]bool{
		`{"id":"1"}`:        true,
		`{"id":""}`:         true,
		`{"id":"é\u0000"}`:  false,
		`{"id":"é"}`:        true,
		"{\"id\":\"\x80\"}": false,
		`{"type":"pong","correl_id":"1","channel":"c","id":"1"}`: true,
		`{"ts":"2026-11-23T14:29:34Z"}`:                          true,
		`{"ts":"2026-11-23T14:29:34.1Z"}`:                        true,
		`{"ts":"2026-11-23T14:29:34.123456789Z"}`:                true,
		`{"ts":"2026-11-23T14:29:34.1234567890Z"}`:               false,
		`{"ts":"2026-11-23T14:29:34.Z"}`:                         false,
		`{"ts":"2026-11-23T14:29:34+00:00"}`:                     false,
		`{"ts":"2026-11-31T14:29:34Z"}`:                          false,
		`{"ts":"2028-02-29T14:29:34Z"}`:                          true,
		`{"ts":"1969-12-31T23:59:59.5Z"}`:                        true,
		`{"data":{}}`:                                            true,
		`{"data":[]}`:                                            true,
		`{"data":[[],{"a":{"b":[0,-1,12]}}]}`:                    true,
		`{"data":[null,true,false]}`:                             true,
		`{"data":null}`:                                          false,
		`{"data":nul}`:                                           false,
		`{"data":[01]}`:                                          false,
		`{"data":[-]}`:                                           false,
		`{"data":[1.5]}`:                                         false,
		`{"data":[1e5]}`:                                         false,
		`{"data":[1,]}`:                                          false,
		`{"data":{"a":1,}}`:                                      false,
		`{"data":{"a"}}`:                                         false,
		`{"data":{"a":1 }}`:                                      false,
		`{"data":["a\nb"]}`:                                      false,
		"{\"data\":[\"a\nb\"]}":                                  false,
		`{"data":["\u00e9"]}`:                                    false,
		`{"data":["é"]}`:                                         true,
		"{\"data\":[\"\xff\"]}":                                  false,
		`{"data":1,"data":1}`:                                    false,
		`{"id":"1","id":"1"}`:                                    false,
		`{"type":"pause"}`:                                       false,
		`{"id":"1","x":1}`:                                       false,
		`{"credits":1}`:                                          false,
		`{"method":"x"}`:                                         false,
		`{"id":"1"} `:                                            false,
		` {"id":"1"}`:                                            false,
		`{}`:                                                     false,
		`{"id":"1"`:                                              false,
		`{"id":null}`:                                            false,
		event + `{"type":"x","data":{}}}`:                        true,
		event + `{"data":[1],"topic":"é","type":"x","ts":"2026-11-23T14:29:34Z"},"id":"1"}`: true,
		event + `{"data":null,"type":"x"}}`:                                                 false,
		event + `{"type":"x","type":"x"}}`:                                                  false,
		event + `{"type":"x","more":1}}`:                                                    false,
		event + `{"type":"\u0041"}}`:                                                        false,
		event + `{"topic":null}}`:                                                           false,
		event + `{"data":1.5}}`:                                                             false,
		event + `{}}`:                                                                       false,
		event + `[]}`:                                                                       false,
		event + `1}`:                                                                        false,
		event + `null}`:                                                                     false,
		`{"type":"event"}`:                                                                  false,
		`{"data":{"type":"x"},"type":"event"}`:                                              false,
		`{"data":{"type":"x"},"type":"response"}`:                                           true,
	} {
		if got := agree(t, NewDecoder(FormatJSON, MaxDepth), []byte(text)); got != want {
			t.Errorf("%s: in one pass: %v, want %v", text, got, want)
		}
	}
}

func TestDepthMeansTheSameInOnePass(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		inner := strings.Repeat("[", n) + strings.Repeat("]", n)
		if n == 0 {
			inner = "1"
		}
		for _, format := range formats {
			for depth := -1; depth < 8; depth++ {
				reply, err := format.Append(nil, &Frame{Type: TypeResponse, Data: []byte(inner), TS: benchFrames["reply"].TS})
				if err != nil {
					t.Fatal(err)
				}
				event, err := format.Append(nil, &Frame{Type: TypeEvent, Data: []byte(`{"type":"x","ts":"2026-11-23T14:29:34Z","data":` + inner + `}`), TS: benchFrames["event"].TS})
				if err != nil {
					t.Fatal(err)
				}
				d := NewDecoder(format, depth)
				if one, want := agree(t, d, reply), format == FormatMsgpack || depth >= n+1; one != want {
					t.Errorf("%s: a reply with %d levels of data, limit %d, in one pass: %v", format, n, depth, one)
				}
				if one, want := agree(t, d, event), format == FormatMsgpack || depth >= n+2; one != want {
					t.Errorf("%s: an event with %d levels of data, limit %d, in one pass: %v", format, n, depth, one)
				}
			}
		}
	}
	for n := MaxDepth - 3; n < MaxDepth+2; n++ {
		inner := strings.Repeat("[", n) + strings.Repeat("]", n)
		event := `{"type":"x","data":` + inner + `}`
		for _, depth := range []int{MaxDepth, MaxDepth + 10} {
			agree(t, NewDecoder(FormatJSON, depth), []byte(`{"data":`+inner+`}`))
			agree(t, NewDecoder(FormatJSON, depth), []byte(`{"type":"event","data":`+event+`}`))
			agree(t, NewDecoder(FormatMsgpack, depth), append([]byte("\x82\xa4type\xa5event\xa4data\xc5"), append([]byte{byte(len(event) >> 8), byte(len(event))}, event...)...))
		}
	}
}

func TestMsgpackOfUnusualFormsIsLeftToTheGeneralDecoder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("78", 200)
	for text, want := range map[string]bool{
		"81 a26964 a131":                                 true,
		"81 a26964 d9c8" + long:                          true,
		"81 a26964 da00c8" + long:                        false,
		"81 a26964 c40131":                               false,
		"81 a26964 c0":                                   false,
		"81 d9026964 a131":                               false,
		"de0001 a26964 a131":                             false,
		"80":                                             true,
		"82 a26964 a131 a26964 a131":                     false,
		"81 a26964 a13180":                               false,
		"81 a178 c0":                                     false,
		"81 a464617461 c4027b7d":                         true,
		"81 a464617461 c400":                             true,
		"81 a464617461 c500027b7d":                       true,
		"81 a464617461 c6000000027b7d":                   true,
		"81 a464617461 c6ffffffff7b7d":                   false,
		"81 a464617461 a27b7d":                           false,
		"81 a464617461 c4017b":                           true, // left to the decoder of the data
		"81 a27473 d6ff 00000001":                        false,
		"81 a27473 d7ff 00000000 00000001":               true,
		"81 a27473 d7ff ee6b27fc 00000001":               true,  // 999,999,999 nanoseconds
		"81 a27473 d7ff ee6b2800 00000001":               false, // 1,000,000,000
		"81 a27473 d7ff ffffffff 00000000":               false,
		"81 a27473 d705 00000000 00000001":               false,
		"82 a474797065 a56576656e74 a464617461 c4027b7d": false, // an event whose data is {}
		"82 a474797065 a56576656e74 a464617461 c40a7b2274797065223a317d":     false,
		"81 a474797065 a56576656e74":                                         false,
		"81 a474797065 a6706175736565":                                       false,
		"82 a464617461 c40c7b2274797065223a2278227d a474797065 a56576656e74": true,
		// not UTF-8, which reads as U+FFFD
		"82 a464617461 c40c7b2274797065223a22ff227d a474797065 a56576656e74": false,
	} {
		if got := agree(t, NewDecoder(FormatMsgpack, MaxDepth), unhex(t, text)); got != want {
			t.Errorf("%s: in one pass: %v, want %v", text, got, want)
		}
	}
}

func TestDecoderRefusesAnUnknownFormat(t *testing.T) {
	t.Parallel()
	if err := NewDecoder("xml", MaxDepth).Decode([]byte(`{"id":"1"}`), new(View)); err == nil {
		t.Error("no error")
	}
}

// A view has to have the members that the schema gives a frame and an envelope.
func TestViewsHaveEveryMember(t *testing.T) {
	t.Parallel()
	for from, to := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[Frame](): reflect.TypeFor[View](), reflect.TypeFor[EventEnvelope](): reflect.TypeFor[EventView](),
	} {
		for i := range from.NumField() {
			if name := from.Field(i).Name; name != to.Field(i).Name {
				t.Errorf("%v has no %s where %v has it", to, name, from)
			}
		}
	}
}

func TestViewsAliasTheirMessageAndNoMore(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		fr := benchFrames["event"]
		fr.CorrelID = "c-1"
		message, err := format.Append(nil, &fr)
		if err != nil {
			t.Fatal(err)
		}
		var v View
		if err := NewDecoder(format, MaxDepth).Decode(message, &v); err != nil {
			t.Fatal(err)
		}
		clear(message)
		for name, b := range map[string][]byte{
			"id": v.ID, "correl_id": v.CorrelID, "data": v.Data, "channel": v.Channel, "type": v.Event.Type, "topic": v.Event.Topic, "payload": v.Event.Data,
		} {
			if len(b) == 0 || len(b) != cap(b) || !bytes.Equal(b, make([]byte, len(b))) {
				t.Errorf("%s: %s is %q, of capacity %d: no view of its own part of the message", format, name, b, cap(b))
			}
		}
		if v.Type != TypeEvent || v.TS.IsZero() || v.Event.TS.IsZero() {
			t.Errorf("%s: a type or a time changed with the message", format)
		}
		want := ErrorDetail{Code: 404, Message: "not found", Details: []byte(`{"a":1}`)}
		if message, err = format.Append(nil, &Frame{Type: TypeError, Error: &want, TS: fr.TS}); err != nil {
			t.Fatal(err)
		}
		if err := NewDecoder(format, MaxDepth).Decode(message, &v); err != nil {
			t.Fatal(err)
		}
		clear(message)
		if diff := cmp.Diff(&want, v.Error); diff != "" {
			t.Errorf("%s: the error changed with the message:\n%s", format, diff)
		}
	}
}

func TestDecodingInOnePassAllocatesNothing(t *testing.T) {
	for name, fr := range benchFrames {
		for _, format := range formats {
			message, err := format.Append(nil, &fr)
			if err != nil {
				t.Fatal(err)
			}
			d := NewDecoder(format, MaxDepth)
			var v View
			if n := testing.AllocsPerRun(100, func() {
				*d = *NewDecoder(format, MaxDepth) // which has seen no time
				if err := d.Decode(message, &v); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s in %s: %v allocations", name, format, n)
			}
		}
	}
}
