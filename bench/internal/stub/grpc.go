package stub

import (
	"context"
	"errors"
	"log"
	"net"
	"sync/atomic"

	"github.com/xraph/dispatch/bench/internal/dwp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// GRPCMethod is the method that enqueues. Its messages are BytesValues that hold a call's data as
// JSON.
const GRPCMethod = "/dispatch.bench.Jobs/Enqueue"

// ServeGRPC serves until the server is stopped or the listener closed.
func ServeGRPC(l net.Listener) *grpc.Server {
	var n atomic.Uint64
	enqueue := func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request wrapperspb.BytesValue
		if err := decode(&request); err != nil {
			return nil, err
		}
		return wrapperspb.Bytes(dwp.AppendReceipt(nil, n.Add(1), keyQueue.Last(request.GetValue()))), nil
	}
	srv := grpc.NewServer(grpc.MaxRecvMsgSize(8 << 20))
	srv.RegisterService(&grpc.ServiceDesc{
		ServiceName: "dispatch.bench.Jobs",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Enqueue", Handler: enqueue}},
	}, nil)
	go func() {
		if err := srv.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
			log.Print("grpc: ", err)
		}
	}()
	return srv
}
