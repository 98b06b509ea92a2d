package stub

import (
	"errors"
	"log"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// NATSServer is a nats-server in this process, with a responder that reaches it without a socket.
// There is no envelope: a call's data is the message.
type NATSServer struct {
	URL    string
	server *server.Server
}

// Close ends the server.
func (s *NATSServer) Close() { s.server.Shutdown() }

// ServeNATS starts a nats-server on a loopback port.
func ServeNATS(w work.Work) (*NATSServer, error) {
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		MaxPayload: 8 << 20,
		MaxPending: 1 << 30, // otherwise a subscriber that falls behind is disconnected
	})
	if err != nil {
		return nil, err
	}
	go srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		return nil, errors.New("nats-server does not start")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		return nil, err
	}
	var n uint64
	var reply []byte
	_, err = nc.Subscribe("job.enqueue", func(m *nats.Msg) {
		n++
		reply = dwp.AppendReceipt(reply[:0], n, keyQueue.Last(m.Data))
		report(m.Respond(reply))
	})
	if err != nil {
		return nil, err
	}
	_, err = nc.Subscribe("start", func(*nats.Msg) {
		event := dwp.NewEvent(dwp.JSON, firehoseTopic, w.Size)
		for i := range w.Events {
			report(nc.Publish("events", event.With(uint64(i))))
		}
		report(nc.Flush())
	})
	if err != nil {
		return nil, err
	}
	return &NATSServer{srv.ClientURL(), srv}, nc.Flush()
}

// report logs what fails after the start. The client then waits in vain, until the runner ends it.
func report(err error) {
	if err != nil {
		log.Print("nats: ", err)
	}
}
