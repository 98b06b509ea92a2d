package devserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// This file puts the HTTP requests of testdata/answers.txt to a server.

// request is an HTTP request that a case names; its body is a frame.
type request struct {
	method, path string
	header       http.Header
	body         string
}

const jsonType = "application/json"

// rpc is a request with a frame of these members.
func rpc(contentType, members string) request {
	h := http.Header{}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return request{"POST", "/dwp/rpc", h, `{"id":"r1","type":"request",` + members + `,"ts":"2026-11-26T10:00:00Z"}`}
}

func (r request) with(name, value string) request {
	r.header.Set(name, value)
	return r
}

// requests are what the names of the cases mean.
func requests() map[string]request {
	const token, stats = `"token":"dk_live_abc123",`, `"method":"stats"`
	body := func(text string) request {
		return request{"POST", "/dwp/rpc", http.Header{"Content-Type": {jsonType}}, text}
	}
	bare := func(method, path string) request { return request{method, path, http.Header{}, ""} }
	whole := rpc(jsonType, token+stats)
	return map[string]request{
		"rpc no content-type":           rpc("", token+stats),
		"rpc text/plain":                rpc("text/plain", token+stats),
		"rpc header token":              rpc(jsonType, stats).with("Authorization", "dk_live_abc123"),
		"rpc header bearer":             rpc(jsonType, stats).with("Authorization", "Bearer dk_live_abc123"),
		"rpc no token":                  rpc(jsonType, stats),
		"rpc wrong token":               rpc(jsonType, `"token":"wrong",`+stats),
		"rpc read token unknown method": rpc(jsonType, `"token":"dk_read","method":"nope"`),
		"rpc subscribe":                 rpc(jsonType, token+`"method":"subscribe","data":{"channel":"jobs"}`),
		"rpc unsubscribe":               rpc(jsonType, token+`"method":"unsubscribe","data":{"channel":"jobs"}`),
		"rpc ping":                      body(`{"id":"p","type":"ping","token":"dk_live_abc123"}`),
		"rpc credits":                   rpc(jsonType, token+stats+`,"credits":5`),
		"rpc malformed":                 body(`{nope`),
		"rpc array":                     body(`[]`),
		"rpc null":                      body(`null`),
		"rpc two frames":                body(whole.body + whole.body),
		"rpc unknown member":            rpc(jsonType, token+stats+`,"unknown":[1]`),
		"rpc msgpack body":              body("\x82\xa2id\xa2r1\xa6method\xa5stats"),
		"rpc 20MB":                      rpc(jsonType, token+`"method":"job.enqueue","data":{"name":"send-email","payload":"`+strings.Repeat("x", 20<<20)+`"}`),
		"rpc PUT":                       {"PUT", "/dwp/rpc", whole.header, whole.body},
		"rpc OPTIONS":                   bare("OPTIONS", "/dwp/rpc"),
		"dwp POST":                      bare("POST", "/dwp"),
		"dwp slash":                     bare("GET", "/dwp/"),
		"sse wrong token":               bare("GET", "/dwp/sse?token=wrong&channel=jobs"),
		"sse no channel":                bare("GET", "/dwp/sse?token=dk_live_abc123"),
		"sse POST":                      bare("POST", "/dwp/sse?token=dk_live_abc123&channel=jobs"),
	}
}

// replayRequest sends the request of a case to a server of its own.
func replayRequest(t *testing.T, e exchange) []difference {
	t.Helper()
	srv := answering()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	address := strings.TrimSuffix(strings.TrimPrefix(srv.URL(), "ws://"), "/dwp")
	want := e.steps[0].answers[0]
	var have string
	if e.name == "ws version 8" {
		if want, have = strings.NewReplacer(`\r`, "\r", `\n`, "\n", "'", "").Replace(want), refusedVersion(t, address); !strings.Contains(want, "426") {
			t.Fatalf("the recorded answer is %q", want)
		}
	} else {
		want = normalResponse(want)
		have = normalResponse(ask(t, "http://"+address, requests()[e.name]))
	}
	e.steps[0].answers = []string{want}
	return compare(e, 0, []string{have})
}

// normalResponse is a response with its JSON in the notation.
func normalResponse(line string) string {
	head, body, ok := strings.Cut(line, " application/json ")
	if !ok {
		return line
	}
	return head + " application/json " + printJSON([]byte(body))
}

// ask sends a request and returns its response: the status, the type of the content, and the
// content.
func ask(t *testing.T, url string, r request) string {
	t.Helper()
	if r.method == "" {
		t.Fatal("the case has no request")
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, url+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	contentType := res.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "None"
	}
	return strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", contentType, " ", strings.TrimSpace(string(body))))
}

// refusedVersion is the whole answer to an upgrade to a WebSocket of version 8.
func refusedVersion(t *testing.T, address string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /dwp HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", address)
	var answer strings.Builder
	r := bufio.NewReader(c)
	length := 0
	for line := ""; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(n)); err != nil {
				t.Fatal(err)
			}
		}
		answer.WriteString(line)
	}
	if _, err := io.CopyN(&answer, r, int64(length)); err != nil {
		t.Fatal(err)
	}
	return answer.String()
}
