// Package devserver is a Dispatch server in memory: for demos, examples and the tests of programs
// that use the client.
//
//	srv := devserver.New()
//	srv.HandleJob("send-email", func(ctx context.Context, job devserver.Job) error { … })
//	if err := srv.Listen("127.0.0.1:0"); err != nil { … }
//	defer srv.Close()
//	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken))
//
// By default it behaves as production servers do, including where that is inconvenient. It handles
// the frames of one connection strictly one after another, and answers workflow.start when the run
// has ended. Workers poll only the queue "default". The cancellation of a running job does not stop
// it. An event is for one workflow. Events are dropped without notice when a connection has no
// credits or 256 events wait for it. msgpack is sent in text messages. Frames are decoded
// leniently. Connections end without a close frame. Options change most of this: [WithAllQueues],
// [WithCancellation], [WithoutCredits], [WithStrict] and others. docs/COMPATIBILITY.md lists the
// differences from production.
//
// [Server.Inject] injects faults: see package fault. [WithHook] observes every frame, and
// [Server.Journal] lists the work that clients requested. [Server.Jobs], [Server.Runs],
// [Server.Sessions], [Server.Subscriptions] and [Server.Faults] list the server's state.
//
// Web pages of other origins cannot use the server; see [WithOrigins].
//
// The server stores nothing on disk, and no goroutine outlives [Server.Close]. It works in a
// testing/synctest bubble if [Server.Serve] gives it a listener of in-memory connections. The
// package does not import "testing"; package dwptest does, and starts a server and a client in one
// line.
package devserver
