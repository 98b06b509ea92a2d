package client_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/xraph/dispatch/client"
)

// cluster is peers at several endpoints: a.test, b.test and so on.
type cluster struct {
	t     testing.TB
	peers map[string]*peer

	mu     sync.Mutex
	down   map[string]bool
	dialed []string // hosts, in order
}

func newCluster(t testing.TB, hosts ...string) *cluster {
	cl := &cluster{t: t, peers: make(map[string]*peer), down: make(map[string]bool)}
	for _, host := range hosts {
		cl.peers[host] = newPeer(t)
	}
	return cl
}

func (cl *cluster) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, _ := strings.Cut(addr, ".")
	cl.mu.Lock()
	cl.dialed = append(cl.dialed, host)
	down := cl.down[host]
	cl.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: syscall.ECONNREFUSED}
	}
	return cl.peers[host].l.Dial(ctx, network, addr)
}

// set starts or stops answering dials of hosts.
func (cl *cluster) set(down bool, hosts ...string) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	for _, host := range hosts {
		cl.down[host] = down
	}
}

// order returns the hosts that were dialled since the last call.
func (cl *cluster) order() string {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	hosts := strings.Join(cl.dialed, "")
	cl.dialed = nil
	return hosts
}

// cut breaks the latest connection of a host.
func (cl *cluster) cut(host string) {
	p := cl.peers[host]
	p.conn(p.count()).Cut()
}

// options are those for the endpoints after a.test.
func (cl *cluster) options(opts ...client.Option) []client.Option {
	var urls []string
	for _, host := range []string{"b", "c"} {
		if cl.peers[host] != nil {
			urls = append(urls, clusterURL(host))
		}
	}
	return append([]client.Option{
		client.WithToken("secret-token"), client.WithDialContext(cl.dial), client.WithEndpoints(urls...),
	}, opts...)
}

func clusterURL(host string) string {
	return "ws://user-" + host + ":password-" + host + "@" + host + ".test/dwp?token=query-token-" + host
}

func (cl *cluster) connect(opts ...client.Option) *client.Client {
	cl.t.Helper()
	c, err := client.DialContext(context.Background(), clusterURL("a"), cl.options(opts...)...)
	if err != nil {
		cl.t.Fatalf("DialContext: %v", err)
	}
	cl.t.Cleanup(func() { c.Close() })
	return c
}

// refuse is a dial function that always fails.
func (*cluster) refuse(context.Context, string, string) (net.Conn, error) { return nil, errTest }
