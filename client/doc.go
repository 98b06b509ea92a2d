// Package client is a client of Dispatch servers. It enqueues jobs, runs workflows and follows
// their events over a WebSocket connection, which it replaces when it is lost.
//
//	c, err := client.DialContext(ctx, "wss://api.example.com/dwp", client.WithToken(token))
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	result, err := c.Enqueue(ctx, "send-email", payload, client.WithQueue("critical"))
//
// # Dialling
//
// [DialContext] connects, authenticates and returns once the server has confirmed the session. A
// failed first attempt is returned, or repeated with [WithRetryDial]. [New] does not wait for the
// server: a program can start before it. Once connected, or from the start with New, the client
// reconnects by itself, with back-off, until it is closed or an attempt cannot succeed, such as
// with a refused token. One client is enough for a program: it is safe for concurrent use, and all
// calls share its connection. [Client.Ready] waits for a session, [Client.State] and
// [Client.Transitions] show what the connection does, and [Client.Done] and [Client.Err] report
// that the client is closed and why.
//
// A token that expires comes from a function: [WithTokenSource] or, if it is known when,
// [WithExpiringTokenSource], which renews the session before.
//
// [WithEndpoints] names further URLs of the server, of which the next one is used when one is lost.
// [Client.Reconnect] replaces a connection on request.
// Connections go through the proxy that the environment names, if any, as those of net/http do; see
// [WithProxy].
//
// # Calls
//
// Each method of the protocol is a method of [Client]; [Client.Call] calls others by name. A call
// blocks until its reply arrives, its ctx ends or the client is closed. While there is no
// connection it waits for the next one, so give each ctx a timeout; with [WithFailFast] it fails at
// once. A call that has not been written when its connection is lost goes on with the next one. One
// that has been written is sent again if its method is safe or idempotent, at most three times.
//
// [Client.EnqueueMany] enqueues the jobs of a sequence with many of them under way at once, in one
// goroutine, and returns a result for each. A [Task] gives a kind of job the type of its payload,
// and a [Flow] a kind of workflow those of its input and output.
//
// [Client.StartWorkflow] blocks until the run ends. [Client.RunWorkflow] returns at once, and its
// [Run] has the id, the events and the end of the run. Such calls have connections of their own, so
// that other calls do not wait for them; see [WithLanes]. [Client.AwaitJob] and
// [Client.AwaitWorkflow] wait for the end of work that was started elsewhere.
//
// # Errors and retries
//
// A server's refusal is an [*Error]. [errors.Is] matches it with the sentinel of its code, such as
// [ErrNotFound], and [CodeOf] returns the code. A call of an unsafe method that was written, and
// then ended without a reply, is an [*OutcomeUnknownError]: the server may have done the work. The
// client never repeats such a call. An error at a deadline says what the call was waiting for.
//
// [SafeToRetry] reports whether a call can be repeated without the risk that the work is done
// twice, and [RetryMayHelp] whether a repetition may succeed as well. Use the latter in a retry
// loop.
//
// # Events
//
// [Client.Subscribe] delivers the events of a channel, and [Client.Watch] those of one workflow
// run, up to its last. A subscription is restored after each reconnect. Use [Subscription.All] for
// a loop over all events, [Subscription.Next] where each wait needs a ctx of its own, and
// [Subscription.Events] only for a select with other channels, because it needs a goroutine and a
// consumer that stops early has to call [Subscription.Discard]. [Event.Payload] returns the typed
// payload.
//
// Events that may have been missed, because the connection was lost, the queue was full or the
// server ran out of credits, are reported by an event of the type [EventGap] in their place, with a
// [Gap] as its payload. It comes when events flow again. A consumer that then reads the present
// state has missed nothing. A server may also lose events without a sign when a connection is slow,
// so use [Client.AwaitJob] and [Client.AwaitWorkflow], which read the record too, to wait for an
// end.
//
// A slow consumer holds up nothing but its own subscription; see [WithBuffer] and [WithOverflow].
//
// # Observing
//
// [WithInterceptors] wraps calls and subscriptions, to measure, trace, refuse or retry them.
// [WithFrameTap] shows the frames themselves, without secrets, for debugging and for recordings.
//
// # Timeouts
//
// A ctx bounds each call. [WithCallTimeout] bounds those whose ctx has no deadline, and
// [WithConnectTimeout] each attempt to connect (30 s). A silent server is pinged after 15 s and
// given up after 45 s; see [WithKeepAlive]. A write that does not get through ends the connection
// after 15 s; see [WithWriteTimeout]. [Limits] bounds memory.
//
// # Shutdown
//
// [Client.Drain] refuses new calls, waits for those in flight and for the consumers of
// subscriptions, and then closes the client. [Client.Close] ends everything at once and returns
// within 5 s. Call Close in any case; after a drain it does nothing.
//
// # Formats
//
// [WithFormat] asks for JSON or msgpack frames; the server decides. Payloads are JSON in both, and
// everything else behaves alike.
package client
