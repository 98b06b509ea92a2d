package client_test

import (
	"context"
	"fmt"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
)

// The first interceptor is the outermost: it sees one call, however often the second tries it.
func ExampleWithInterceptors() {
	observe := client.CallInterceptorFunc(func(next client.CallFunc) client.CallFunc {
		return func(ctx context.Context, call client.Call) (client.Reply, error) {
			reply, err := next(ctx, call)
			fmt.Printf("%s: %T, error %v\n", call.Method, reply.Result, err)
			return reply, err
		}
	})
	retry := client.CallInterceptorFunc(func(next client.CallFunc) client.CallFunc {
		return func(ctx context.Context, call client.Call) (client.Reply, error) {
			for attempt := 1; ; attempt++ {
				reply, err := next(ctx, call)
				if attempt == 3 || !client.RetryMayHelp(err) {
					return reply, err
				}
				fmt.Println("attempt", attempt, "failed")
				select {
				case <-time.After(10 * time.Millisecond):
				case <-ctx.Done():
					return reply, err
				}
			}
		}
	})
	c, srv, done := connectTo(client.WithInterceptors(observe, retry))
	defer done()
	srv.Inject(fault.Refuse(503, "starting", fault.Requests(client.MethodStats).First(2)))

	if _, err := c.Stats(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// attempt 1 failed
	// attempt 2 failed
	// stats: *client.Stats, error <nil>
}
