package client_test

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
)

// answerUpgrade makes the peer answer each upgrade with a text, in which <accept> is the answer to
// the request's key, and go on as usual if the client takes that.
func answerUpgrade(p *peer, text string) {
	p.admit = func(c *peerConn) bool {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			p.t.Errorf("the upgrade request: %v", err)
			return false
		}
		sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		io.WriteString(c, strings.ReplaceAll(text, "<accept>", base64.StdEncoding.EncodeToString(sum[:])))
		c.converse()
		return false
	}
}

const (
	switching = "HTTP/1.1 101 Switching Protocols\r\n"
	accepted  = "Sec-WebSocket-Accept: <accept>\r\n\r\n"
	upgraded  = "Upgrade: websocket\r\nConnection: Upgrade\r\n" + accepted
)

func TestUpgradeAnswersThatTheStandardsAllowAreTaken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"keep-alive first":         switching + "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" + accepted,
		"keep-alive last":          switching + "Upgrade: websocket\r\nConnection: upgrade ,keep-alive\r\n" + accepted,
		"empty list elements":      switching + "Upgrade: ,websocket\r\nConnection: , Upgrade,\r\n" + accepted,
		"two Connection headers":   switching + "Connection: keep-alive\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + accepted,
		"other order of the two":   switching + "Connection: Upgrade\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n" + accepted,
		"names and values in caps": switching + "UPGRADE: WebSocket\r\nCONNECTION: UPGRADE\r\nSEC-WEBSOCKET-ACCEPT: <accept>\r\n\r\n",
		"no reason phrase":         "HTTP/1.1 101\r\n" + upgraded,
		"100 before":               "HTTP/1.1 100 Continue\r\n\r\n" + switching + upgraded,
		"103 with headers before":  "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + switching + upgraded,
		"several before":           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + switching + upgraded,
		"folded header":            switching + "X-Note: a\r\n b\r\n" + upgraded,
		"longer than a buffer":     switching + "X-Note: " + strings.Repeat("n", 10_000) + "\r\n" + upgraded,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				answerUpgrade(p, text)
				c, err := p.tryDial(t.Context(), format)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.Stats(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestUpgradeAnswersThatTheStandardsForbidAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no Connection":          switching + "Upgrade: websocket\r\n" + accepted,
		"other Connection":       switching + "Upgrade: websocket\r\nConnection: keep-alive, upgrades\r\n" + accepted,
		"no Upgrade":             switching + "Connection: Upgrade\r\n" + accepted,
		"other Upgrade":          switching + "Upgrade: h2c\r\nConnection: Upgrade\r\n" + accepted,
		"a second protocol":      switching + "Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n" + accepted,
		"no Accept":              switching + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		"wrong Accept":           switching + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
		"two Accepts":            switching + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n" + upgraded,
		"extension":              switching + "Sec-WebSocket-Extensions: permessage-deflate\r\n" + upgraded,
		"second extension line":  switching + "Sec-WebSocket-Extensions: \r\nSec-WebSocket-Extensions: x\r\n" + upgraded,
		"subprotocol":            switching + "Sec-WebSocket-Protocol: dwp\r\n" + upgraded,
		"HTTP/1.0":               "HTTP/1.0 101 Switching Protocols\r\n" + upgraded,
		"status of four digits":  "HTTP/1.1 1010 Switching Protocols\r\n" + upgraded,
		"status with a sign":     "HTTP/1.1 +101 Switching Protocols\r\n" + upgraded,
		"header without a colon": switching + "X-Note\r\n" + upgraded,
		"100 without end":        strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100) + switching + upgraded,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				answerUpgrade(p, text)
				_, err := p.tryDial(t.Context(), format, client.WithConnectTimeout(time.Minute))
				var status *client.StatusError
				if err == nil || errors.As(err, &status) {
					t.Fatalf("dialled with %v", err)
				}
				if !strings.HasPrefix(err.Error(), "dispatch: dial peer.test: ") || len(err.Error()) > 200 {
					t.Errorf("the error: %v", err)
				}
			})
		})
	}
}

func TestUpgradeRefusalIsReadWhateverElseTheAnswerSays(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"HTTP/1.0":                "HTTP/1.0 503 Busy\r\nRetry-After: 7\r\n\r\n",
		"after an interim answer": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n",
		"odd body":                "HTTP/1.1 503 Busy\r\nTransfer-Encoding: identity\r\nContent-Length: many\r\nRetry-After: 7\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				answerHTTP(p, 1, text)
				_, err := p.tryDial(t.Context(), format)
				var status *client.StatusError
				if !errors.As(err, &status) || status.Status != 503 || status.RetryAfter != 7*time.Second {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
