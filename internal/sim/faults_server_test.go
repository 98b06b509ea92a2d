package sim

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
)

// serverFaults are what the server does wrong.
var serverFaults = []faultKind{
	{name: "restart", weight: 3, make: func(*rand.Rand) (string, func(*world)) {
		return "", func(w *world) { w.srv.Restart(true) }
	}},
	{name: "restart without memory", weight: 1, effect: forgets, make: func(*rand.Rand) (string, func(*world)) {
		return "", func(w *world) { w.srv.Restart(false) }
	}},
	{name: "refuse upgrades", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		status := pick(r, 429, 503, 500, 502)
		n, after := nth(r), r.IntN(15)
		return fmt.Sprintf("%d times with %d, retry after %d s", n, status, after), func(w *world) {
			header := http.Header{"Retry-After": {strconv.Itoa(after)}}
			w.inject(fault.RefuseUpgrade(status, header, fault.Upgrades().First(n)))
			w.srv.Disconnect()
		}
	}},
	{name: "refuse credentials at the upgrade", weight: 1, effect: mayEnd, make: func(r *rand.Rand) (string, func(*world)) {
		status, n := pick(r, 401, 403), pick(r, 1, 1, 2)
		return fmt.Sprintf("%d times with %d", n, status), func(w *world) {
			w.inject(fault.RefuseUpgrade(status, nil, fault.Upgrades().First(n)))
			w.srv.Disconnect()
		}
	}},
	{name: "refuse credentials at auth", weight: 1, effect: mayEnd, make: func(r *rand.Rand) (string, func(*world)) {
		n := pick(r, 1, 1, 2)
		return fmt.Sprintf("%d times", n), func(w *world) {
			w.inject(fault.Refuse(client.CodeUnauthorized, "no "+token, fault.Requests(client.MethodAuth).First(n)))
			w.srv.Disconnect()
		}
	}},
	{name: "refuse requests", weight: 3, effect: refuses, make: func(r *rand.Rand) (string, func(*world)) {
		code, n := pick[client.Code](r, 400, 403, 404, 409, 500), nth(r)
		method := pick(r, callMethods...)
		return fmt.Sprintf("%s, %d times with %d", method, n, code), func(w *world) {
			w.inject(fault.Refuse(code, "refused", fault.Requests(method).First(n)))
		}
	}},
	{name: "refuse subscriptions", weight: 1, effect: refuses, make: func(r *rand.Rand) (string, func(*world)) {
		code, n := pick[client.Code](r, 400, 403, 500), nth(r)
		return fmt.Sprintf("%d times with %d", n, code), func(w *world) {
			w.inject(fault.Refuse(code, "refused", fault.Requests(client.MethodSubscribe).First(n)))
			w.srv.Disconnect()
		}
	}},
	{name: "refuse subscriptions in passing", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		code, n, again := pick[client.Code](r, 402, 409, 429, 500, 503), 1+r.IntN(12), r.IntN(2) == 0
		return fmt.Sprintf("%d times with %d, anew %v", n, code, again), func(w *world) {
			w.inject(fault.Refuse(code, "not now", fault.Requests(client.MethodSubscribe).First(n)))
			if again {
				w.srv.Disconnect()
			}
		}
	}},
	{name: "lose answers about subscriptions", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		n, again := nth(r), r.IntN(2) == 0
		return fmt.Sprintf("%d, anew %v", n, again), func(w *world) {
			w.inject(fault.Drop(fault.Replies(client.MethodSubscribe, client.MethodUnsubscribe).First(n)))
			if again {
				w.srv.Disconnect()
			}
		}
	}},
	{name: "delay frames to the client", weight: 3, effect: slows, make: func(r *rand.Rand) (string, func(*world)) {
		d, n := between(r, time.Millisecond, 30*time.Second), nth(r)
		return fmt.Sprintf("%d by %v", n, d), func(w *world) {
			w.inject(fault.Delay(d, fault.Outbound().First(n)))
		}
	}},
	{name: "delay requests", weight: 3, effect: slows, make: func(r *rand.Rand) (string, func(*world)) {
		d, n := between(r, time.Millisecond, 30*time.Second), nth(r)
		return fmt.Sprintf("%d by %v", n, d), func(w *world) {
			w.inject(fault.Delay(d, fault.Requests().First(n)))
		}
	}},
	{name: "lose requests", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) {
			w.inject(fault.Drop(fault.Requests(callMethods...).First(n)))
		}
	}},
	{name: "lose replies", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) {
			w.inject(fault.Drop(fault.Replies(callMethods...).First(n)))
		}
	}},
	{name: "lose events", weight: 1, effect: losesSilently, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) { w.inject(fault.Drop(fault.Events().First(n))) }
	}},
	{name: "repeat replies", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) { w.inject(fault.Duplicate(fault.Replies().First(n))) }
	}},
	{name: "repeat events", weight: 1, effect: repeats, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) { w.inject(fault.Duplicate(fault.Events().First(n))) }
	}},
	{name: "reorder frames to the client", weight: 1, effect: reorders | slows, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) { w.inject(fault.Reorder(fault.Outbound().Skip(1).First(n))) }
	}},
	{name: "garbage message", weight: 3, effect: losesSilently | refuses, make: func(r *rand.Rand) (string, func(*world)) {
		message := pick(r, garbageMessages...)
		return fmt.Sprintf("%.20q", message), func(w *world) {
			w.inject(fault.Garbage([]byte(message), outOfHandshake(r.IntN(3)).First(1)))
		}
	}},
	{name: "garbage bytes", weight: 2, effect: losesSilently | refuses, make: func(r *rand.Rand) (string, func(*world)) {
		raw := make([]byte, 1+r.IntN(40))
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		return hex.EncodeToString(raw), func(w *world) {
			w.inject(fault.RawBytes(raw, outOfHandshake(0).First(1)))
		}
	}},
	{name: "garbage in answer to auth", weight: 1, effect: mayEnd, make: func(r *rand.Rand) (string, func(*world)) {
		message := pick(r, garbageMessages...)
		return fmt.Sprintf("%.20q", message), func(w *world) {
			w.inject(fault.Garbage([]byte(message), fault.Replies(client.MethodAuth).First(1)))
			w.srv.Disconnect()
		}
	}},
	{name: "close code", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		code := pick(r, 0, 1000, 1001, 1011, 1012, 1013, 4000)
		return strconv.Itoa(code), func(w *world) {
			w.inject(fault.CloseWith(code, "going, "+token, fault.Outbound().First(1)))
		}
	}},
	{name: "close code that objects", weight: 2, effect: mayEnd, make: func(r *rand.Rand) (string, func(*world)) {
		code, n := pick(r, 1002, 1003, 1007), 1+r.IntN(2)
		return fmt.Sprintf("%d times %d", n, code), func(w *world) {
			w.inject(fault.CloseWith(code, "", fault.Outbound().First(n)))
		}
	}},
	{name: "close code that refuses credentials", weight: 1, effect: mayEnd, make: func(*rand.Rand) (string, func(*world)) {
		return "1008", func(w *world) {
			w.inject(fault.CloseWith(1008, "", fault.Outbound().First(1)))
		}
	}},
	{name: "half-open server", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return fmt.Sprintf("at frame %d", n), func(w *world) {
			w.inject(fault.HalfOpen(fault.Inbound().Nth(n)))
		}
	}},
	{name: "half-open upgrade", weight: 1, make: func(*rand.Rand) (string, func(*world)) {
		return "", func(w *world) {
			w.inject(fault.HalfOpen(fault.Upgrades().First(1)))
			w.srv.Disconnect()
		}
	}},
	{name: "cut at a reply", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		method, n, bytes := pick(r, callMethods...), nth(r), r.IntN(200)
		return fmt.Sprintf("%d bytes into reply %d to %s", bytes, n, method), func(w *world) {
			w.inject(fault.CutAfter(bytes, fault.Replies(method).Nth(n)))
		}
	}},
	{name: "cut at a request", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		method, n := pick(r, callMethods...), nth(r)
		return fmt.Sprintf("%d of %s", n, method), func(w *world) {
			w.inject(fault.Cut(fault.Requests(method).Nth(n)))
		}
	}},
	{name: "cut while subscriptions are restored", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return fmt.Sprintf("at the reply to %d", n), func(w *world) {
			w.inject(fault.Cut(fault.Replies(client.MethodSubscribe).Nth(n)))
			w.srv.Disconnect()
		}
	}},
	{name: "slow reading", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		rate := pick(r, 0, 1, 10, 100, 1000)
		return fmt.Sprintf("%d bytes/s", rate), func(w *world) {
			w.inject(fault.SlowRead(rate, fault.Inbound().First(1)))
		}
	}},
	{name: "starve", weight: 1, effect: losesSilently, make: func(*rand.Rand) (string, func(*world)) {
		return "", func(w *world) {
			w.inject(fault.Starve(fault.Outbound().First(1)))
		}
	}},
	{name: "lose grants of credit", weight: 1, effect: losesSilently, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) { w.inject(fault.Drop(fault.Grants().First(n))) }
	}},
	{name: "lose pings", weight: 1, make: func(r *rand.Rand) (string, func(*world)) {
		n := nth(r)
		return strconv.Itoa(n), func(w *world) { w.inject(fault.Drop(fault.Pings().First(n))) }
	}},
}

// callMethods are the methods that the workload calls.
var callMethods = []string{
	client.MethodJobEnqueue, client.MethodJobGet, client.MethodJobCancel, client.MethodWorkflowStart, client.MethodWorkflowGet,
	client.MethodWorkflowEvent, client.MethodWorkflowTimeline, client.MethodStats,
}

// garbageMessages is what no server has to say.
var garbageMessages = []string{
	"", "{", "null", "[]", `{"id":"1"}`, "\xff\xfe", "\x81\xa2id\xc1", `{"id":"1","type":"response","correl_id":"nobody"}`,
	`{"id":"1","type":"event","data":{}}`, `{"id":"1","type":"event","data":"x","channel":"jobs"}`, `{"type":"error","id":"1"}`,
	`{"id":"1","type":"error","error":{"code":500,"message":"for nobody"},"ts":"2026-01-01T00:00:00Z"}`,
}

// outOfHandshake matches frames to the client that are not an answer to auth.
func outOfHandshake(kind int) fault.Match {
	switch kind {
	case 1:
		return fault.Events()
	case 2:
		return fault.Replies(client.MethodSubscribe)
	}
	return fault.Replies(callMethods...)
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
