package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
)

// FuzzUpgradeAnswer reads arbitrary bytes as the answer to an upgrade. The result is the same
// however the bytes arrive. An answer that is taken is one that net/http reads as a switch to
// WebSocket, it is passed on in a form that it reads the same, and what follows it is left for the
// session. Everything else is an error of a known kind, which quotes nothing.
func FuzzUpgradeAnswer(f *testing.F) {
	const accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	for _, text := range []string{
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + accept + "\x89\x05early",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 OK\nConnection: keep-alive\nUpgrade: WebSocket\nconnection: a, upgrade\n" + accept,
		"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Extensions: x\r\nSec-WebSocket-Protocol: y\r\n" + accept,
		"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n b\r\n\r\nHTTP/1.1 429 No\r\nRetry-After: 3\r\n\r\n",
		"HTTP/1.0 503 Busy\r\nTransfer-Encoding: identity\r\n\r\n", "HTTP/1.1 101 X\r\nno colon\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 101",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(size int) (head, rest []byte, err error) {
			r := bufio.NewReader(&chunks{data: bytes.Clone(data), size: size})
			if head, err = readAnswer(r); err == nil {
				rest, _ = io.ReadAll(r)
			}
			return head, rest, err
		}
		head, rest, err := read(len(data) + 1)
		head2, rest2, err2 := read(1)
		if !bytes.Equal(head, head2) || !bytes.Equal(rest, rest2) || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("at once: %q, %q, %v; byte by byte: %q, %q, %v", head, rest, err, head2, rest2, err2)
		}
		if err != nil {
			var status *StatusError
			known := errors.Is(err, io.ErrUnexpectedEOF) || err == errNotHTTP || err == errBadHeader || err == errInterim || err == errNotSwitched
			if !known && !errors.As(err, &status) || status != nil && (status.Status < 200 || status.RetryAfter < 0 || status.RetryAfter > retryAfterMost) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if !bytes.HasSuffix(data, rest) {
			t.Fatalf("the rest %q is not the end of %q", rest, data)
		}
		took := answers(t, data[:len(data)-len(rest)])
		if took == nil {
			return
		}
		passed := answers(t, head)
		want := http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}}
		for _, name := range []string{"Sec-Websocket-Accept", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"} {
			for _, v := range took[name] {
				if v != "" {
					want[name] = append(want[name], v)
				}
			}
		}
		if diff := cmp.Diff(want, passed); diff != "" {
			t.Fatalf("passed on: %s", diff)
		}
		if !hasToken(took["Connection"], "upgrade") || !hasToken(took["Upgrade"], "websocket") {
			t.Fatalf("taken: %v", took)
		}
		conn := struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(head), io.Discard}
		if _, _, err := (ws.Dialer{}).Upgrade(conn, &url.URL{Scheme: "ws", Host: "peer.test"}); err == nil {
			t.Fatal("an answer to another key was accepted")
		}
	})
}

// answers reads responses with net/http to the end, and returns the header of the last, a switch of
// protocols. It returns nil if one describes a body, which net/http checks and the client ignores.
func answers(t *testing.T, data []byte) http.Header {
	t.Helper()
	r := bufio.NewReader(bytes.NewReader(data))
	for {
		resp, err := http.ReadResponse(r, nil)
		if lower := bytes.ToLower(data); err != nil && (bytes.Contains(lower, []byte("transfer-encoding")) || bytes.Contains(lower, []byte("content-length"))) {
			return nil
		}
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", data, err)
		}
		if resp.StatusCode == http.StatusSwitchingProtocols {
			if _, err := r.ReadByte(); err != io.EOF {
				t.Fatalf("%q goes on behind the answer", data)
			}
			return resp.Header
		}
	}
}

// chunks is a connection that brings given bytes, a few at a time.
type chunks struct {
	net.Conn
	data []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(c.size, len(c.data))])
	c.data = c.data[n:]
	return n, nil
}
