package client

import "context"

// Call is a call that an interceptor sees. It has no token.
//
// A test of an interceptor can make one, with a function of its own as the next [CallFunc]. To the
// CallFunc of a client, pass the Call that the interceptor was given: it is bound to the client.
type Call struct {
	// Method is the method's name on the wire, such as [MethodJobEnqueue].
	Method string
	// Request is the request: of a method of the schema a pointer to its type, such as
	// *[EnqueueRequest], and nil if it has none; of [Client.Call] its req as it was given. Do not
	// change it. Changes may or may not reach the server.
	Request any
	// Follows is true for a read that [Client.Watch], [Client.AwaitJob] or [Client.AwaitWorkflow]
	// makes. Such reads are made again after some errors, whatever an interceptor does.
	Follows bool

	made *interceptedCall
}

// Reply is how a call went. Of a call that failed, Attempts and Session are set as well.
type Reply struct {
	// Result is the typed result: what the client's method returns, such as *[EnqueueResult]. It is
	// nil if the method returns nothing but an error, and the data of the reply as a
	// json.RawMessage, which is nil if there are none, for [Client.Call].
	Result any
	// Attempts is how many times the request was written: 0 if it was not, and more than 1 if the
	// client sent it again because the connection was lost.
	Attempts int
	// Session is the number of the session that the request was put on last, as in the client's
	// logs; 0 if there was none. Lanes have numbers of their own.
	Session uint64
}

// CallFunc makes a call and returns its reply.
type CallFunc func(ctx context.Context, call Call) (Reply, error)

// SubscribeCall is a subscription that is being made.
type SubscribeCall struct {
	Channel string // as given to [Client.Subscribe]; that of the run for [Client.Watch]
	RunID   string // as given to Watch; empty for Subscribe

	made *interceptedSubscribe
}

// SubscribeFunc makes a subscription.
type SubscribeFunc func(ctx context.Context, call SubscribeCall) (*Subscription, error)

// Interceptor wraps a client's calls and subscriptions. See [WithInterceptors]. Use
// [CallInterceptorFunc] or [SubscribeInterceptorFunc] for one that wraps only one of the two.
//
// Its methods are called once, by [DialContext], and must not return nil. The functions that they
// return are called concurrently. Such a function may
//
//   - measure and observe: the ctx, the call, the reply and the error;
//   - pass another ctx to next, with other values or a shorter time;
//   - return an error without calling next, which becomes the error of the call as it is;
//   - return another reply or error than that of next. A Result that does not have the method's
//     type is an error of the call;
//   - call next again. Each time is a call of its own, with all that follows in the chain. A retry
//     is in order where [RetryMayHelp] says so; the client has already sent a safe or idempotent
//     method again by then. next may be called concurrently, which encodes the request
//     concurrently;
//   - panic: the panic goes on to the caller, and the client remains usable.
//
// After the function has returned, next makes no call, and its error is safe to retry.
type Interceptor interface {
	WrapCall(next CallFunc) CallFunc
	// WrapSubscribe wraps the making of a subscription, by Subscribe or Watch, until the server has
	// confirmed it. A subscription that next has made, and that is not the result of Subscribe or
	// Watch in the end, is discarded.
	WrapSubscribe(next SubscribeFunc) SubscribeFunc
}

// CallInterceptorFunc is an [Interceptor] of calls. It leaves subscriptions as they are.
type CallInterceptorFunc func(next CallFunc) CallFunc

// WrapCall calls f.
func (f CallInterceptorFunc) WrapCall(next CallFunc) CallFunc { return f(next) }

// WrapSubscribe returns next.
func (f CallInterceptorFunc) WrapSubscribe(next SubscribeFunc) SubscribeFunc { return next }

// SubscribeInterceptorFunc is an [Interceptor] of subscriptions. It leaves calls as they are.
type SubscribeInterceptorFunc func(next SubscribeFunc) SubscribeFunc

// WrapCall returns next.
func (f SubscribeInterceptorFunc) WrapCall(next CallFunc) CallFunc { return next }

// WrapSubscribe calls f.
func (f SubscribeInterceptorFunc) WrapSubscribe(next SubscribeFunc) SubscribeFunc { return f(next) }

// WithInterceptors adds interceptors of calls and subscriptions. The first is the outermost: it
// begins first and ends last. Unlike other options, a second WithInterceptors adds to the first. A
// nil interceptor is an error of [DialContext]. Default: none, which costs nothing.
//
// Interceptors run on the goroutine of the call. They also run around the reads of [Client.Watch],
// [Client.AwaitJob] and [Client.AwaitWorkflow]. Those that Watch makes once it has returned run on
// a goroutine of the subscription, with a ctx of the client's that ends when the client closes. An
// interceptor that blocks there delays the synthetic last event of this subscription and nothing
// else, except that [Client.Close] waits for it up to its limit of 5 s. A panic there ends the
// program, as in any goroutine.
//
// A call counts as in flight from its first interceptor on: [Client.Drain] waits for it.
func WithInterceptors(interceptors ...Interceptor) Option {
	return func(c *config) { c.interceptors = append(c.interceptors, interceptors...) }
}
