package contestant

import (
	"context"

	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/stub"
	"github.com/xraph/dispatch/bench/internal/work"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// grpcClient makes the calls as unary RPCs, whose messages hold a JSON document.
type grpcClient struct {
	document
	cc *grpc.ClientConn
}

func connectGRPC(_ context.Context, addr string, w work.Work) (Contestant, error) {
	if w.Format != dwp.JSON || w.Kind == work.Events {
		return nil, ErrUnsupported
	}
	cc, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return &grpcClient{newDocument(w), cc}, nil
}

func (c *grpcClient) Close() error { return c.cc.Close() }

func (c *grpcClient) Call(ctx context.Context, caller int) error {
	return c.call(caller, func(request []byte) ([]byte, error) {
		var reply wrapperspb.BytesValue
		err := c.cc.Invoke(ctx, stub.GRPCMethod, wrapperspb.Bytes(request), &reply)
		return reply.GetValue(), err
	})
}

func (c *grpcClient) Events(context.Context) error { return ErrUnsupported }
