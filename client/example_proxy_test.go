package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// A proxy for this client alone, whatever the environment says.
func ExampleWithProxy() {
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	proxyAddr := exampleProxy()

	proxy := &url.URL{Scheme: "http", Host: proxyAddr, User: url.UserPassword("me", "secret")}
	c, err := client.DialContext(context.Background(), srv.URL(),
		client.WithToken(devserver.DefaultToken), client.WithProxy(http.ProxyURL(proxy)))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())
	// Output: ready
}

// A SOCKS5 proxy, by a dial function. The dialer of golang.org/x/net/proxy has such a method too.
func ExampleWithDialContext_socks5() {
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	proxyAddr := exampleSOCKS()

	c, err := client.DialContext(context.Background(), srv.URL(),
		client.WithToken(devserver.DefaultToken),
		client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, proxyAddr)
			if err != nil {
				return nil, err
			}
			// when ctx ends, the client closes the connection only after it has it
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			if err := connectSOCKS(conn, addr); err != nil {
				conn.Close()
				return nil, err
			}
			return conn, nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())
	// Output: ready
}

// connectSOCKS asks a SOCKS5 proxy without authentication for a connection to an address. See RFC
// 1928.
func connectSOCKS(conn net.Conn, addr string) error {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil || len(host) > 255 {
		return fmt.Errorf("bad address %q", addr)
	}
	// version 5, one method: none; then version 5, CONNECT, a host name
	greeting := []byte{5, 1, 0}
	request := append([]byte{5, 1, 0, 3, byte(len(host))}, host...)
	request = append(request, byte(port>>8), byte(port))
	answer := make([]byte, 10) // with an IPv4 address, as proxies send
	if _, err := conn.Write(greeting); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, answer[:2]); err != nil {
		return err
	}
	if answer[1] != 0 {
		return errors.New("the proxy wants authentication")
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if answer[1] != 0 || answer[3] != 1 {
		return fmt.Errorf("the proxy refused to connect: %d", answer[1])
	}
	return nil
}

// exampleProxy serves one connection as an HTTP proxy does.
func exampleProxy() (addr string) {
	return serveOne(func(conn net.Conn) {
		r := bufio.NewReader(conn)
		req, err := http.ReadRequest(r)
		if err != nil || req.Header.Get("Proxy-Authorization") == "" {
			return
		}
		server, err := net.Dial("tcp", req.Host)
		if err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		relay(conn, r, server)
	})
}

// exampleSOCKS serves one connection as a SOCKS5 proxy does.
func exampleSOCKS() (addr string) {
	return serveOne(func(conn net.Conn) {
		head := make([]byte, 5)
		if _, err := io.ReadFull(conn, head[:3]); err != nil {
			return
		}
		conn.Write([]byte{5, 0})
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		rest := make([]byte, int(head[4])+2) // the host and the port
		if _, err := io.ReadFull(conn, rest); err != nil {
			return
		}
		host, port := string(rest[:head[4]]), int(rest[head[4]])<<8|int(rest[head[4]+1])
		server, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return
		}
		conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		relay(conn, conn, server)
	})
}

// serveOne serves one connection on loopback.
func serveOne(serve func(net.Conn)) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		serve(conn)
	}()
	return l.Addr().String()
}
