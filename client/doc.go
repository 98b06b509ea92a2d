// Package client is a client of Dispatch servers: it enqueues jobs, runs workflows and follows
// their events over one WebSocket connection, which it replaces when it is lost.
//
//	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
//	defer cancel()
//	c, err := client.DialContext(ctx, "wss://api.example.com/dwp", client.WithToken(token))
//	if err != nil { … }
//	defer c.Close()
//	result, err := c.Enqueue(ctx, "send-email", payload, client.WithQueue("critical"))
//
// # What it promises
//
// No call outlives its ctx: each ends with its reply, its ctx, the client's end, or an error that
// says what is known. Without a connection a call waits for the next one, so give it a ctx with a
// timeout. No work is done twice in silence: a call of an unsafe method that may have reached the
// server is never repeated by the client, but ends with an [*OutcomeUnknownError]; [SafeToRetry]
// says whether any failed call can be repeated without that risk, [RetryMayHelp] whether it makes
// sense as well. No event is skipped in silence, as far as the client can know: what is missing
// stands in its place as a [Gap].
//
// # Sessions
//
// A session is one authenticated connection. It is immutable after its handshake and dies once,
// with a cause: its dead channel is closed first, its socket second. The reader (session.run) takes
// each message to where it belongs and never waits for anybody. The writer (session.write) flushes
// the outbox in batches, holding no lock, and keeps the session alive. When the session dies, a
// third goroutine (session.end) closes the socket and, once the other two have ended, settles what
// was in flight, at most a second later. After the handshake only these goroutines call the
// connection's methods, so a method that blocks holds up neither Close nor a call. Everything in
// flight belongs to its session: nothing is handed on. It is the caller of a lost call who decides,
// by the method's idempotency and by whether the frame was written, to wait for the next session or
// to give up.
//
// # Goroutines
//
//	goroutine               one per           started by       ends with
//	supervisor              client            DialContext      Close, or a cause to give up
//	session reader          session, lane     connect          the session and its other goroutines
//	session writer          session, lane     reader           the session
//	session end             session, lane     its death        everything in flight being settled
//	follow                  Watch             Watch            the subscription
//	deliver                 Subscription      Events           its last event received, Discard, or the client
//	finish                  client            the first Drain  the drain, or the client
//
// Only the supervisor replaces the main session: it shuts the gate (status), opens gaps in all
// subscriptions, backs off, dials, authenticates, has the registry restore the subscriptions and
// opens the gate. While a session lives, the supervisor has the registry ask again for channels
// that the server has not confirmed. Lanes, the sessions of methods that block their connection,
// are dialled by the callers that need them. Close and whatever makes the supervisor give up end in
// Client.shut. A user's token source and dial function run on goroutines of their own, which may be
// left behind if they ignore their ctx.
//
// # Locks
//
// In the order in which they may be taken, each held briefly, never while the network is waited for
// or a user's code runs:
//
//	lanes.mu or registry.mu → status.mu, queue.mu, pending.mu → outbox.mu
//
// The registry puts its requests into the outbox under its lock, so that the server gets them in
// the order in which the registry changed. A session's credit ledger has no lock: only its reader
// uses it.
package client
