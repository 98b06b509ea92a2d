// Package devserver is a Dispatch server in memory: for demos, examples and the
// tests of programs that use the client.
//
//	srv := devserver.New()
//	srv.HandleJob("send-email", func(ctx context.Context, job devserver.Job) error { … })
//	if err := srv.Listen("127.0.0.1:0"); err != nil { … }
//	defer srv.Close()
//	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken))
//
// By default it behaves as production servers do, in what they do well and in
// what they do badly, so that a test against it means something. Frames of one
// connection are handled strictly one after another, and workflow.start answers
// when the run has ended. Only the queue default is worked. A running job that is cancelled goes on. An event is for one
// workflow. Events are dropped without a word when a connection's
// credits are spent or 256 events wait for it. msgpack goes out in text messages. Frames are read leniently. Nothing
// announces that a connection ends. Options make it friendlier, or stricter: [WithAllQueues], [WithCancellation],
// [WithoutCredits], [WithStrict] and others. docs/COMPATIBILITY.md lists what differs from production.
//
// [Server.Inject] makes it misbehave on purpose: see package fault. [WithHook] shows every
// frame that passes, and [Server.Journal] what work the server was made to do. [Server.Jobs], [Server.Runs],
// [Server.Sessions], [Server.Subscriptions] and [Server.Faults] list what it has.
//
// Web pages of other origins cannot use it; see [WithOrigins].
//
// Nothing is kept on disk, no goroutine outlives [Server.Close], and a
// Server works inside a testing/synctest bubble when it is given a listener of
// in-memory connections with [Server.Serve]. The package does not import "testing"; package
// dwptest does, and makes a server and its client in one line.
package devserver
