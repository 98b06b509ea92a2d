package fault

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

// texts are faults of each kind that has a text form, in that form.
var texts = map[string]Fault{
	"cut:after=job.enqueue":                                          Cut(Replies(client.MethodJobEnqueue)),
	"drop:events:every=10":                                           Drop(Events().Every(10)),
	"delay:replies:200ms":                                            Delay(200*time.Millisecond, Replies()),
	"halfopen":                                                       HalfOpen(Match{}),
	"halfopen:upgrades:skip=1:first=2":                               HalfOpen(Upgrades().Skip(1).First(2)),
	"refuse:before=job.get,stats:503":                                Refuse(503, "", Requests(client.MethodJobGet, client.MethodStats)),
	`refuse:503:text="busy: wait":conn=2`:                            Refuse(503, "busy: wait", Match{}.Conn(2)),
	"refuse:requests:401:text=not today":                             Refuse(401, "not today", Requests()),
	"refuseupgrade:429:header=Retry-After=7":                         RefuseUpgrade(429, http.Header{"Retry-After": {"7"}}, Match{}),
	`refuseupgrade:upgrades:200:header=A=1:header="A=2:3":header=B=`: RefuseUpgrade(200, http.Header{"b": {""}, "a": {"1", "2:3"}, "C": {}}, Upgrades()),
	"delay:in:0s":                                                    Delay(-time.Second, Inbound()),
	"duplicate:pongs:perconn:first=1":                                Duplicate(Pongs().PerConn().Nth(1)),
	"reorder:out":                                                    Reorder(Outbound()),
	`garbage:out:text="{\"a\":1}"`:                                   Garbage([]byte(`{"a":1}`), Outbound()),
	`rawbytes:events=job.started:text="\x81\xff"`:                    RawBytes([]byte{0x81, 0xff}, Events(client.EventJobStarted)),
	"garbage":                            Garbage([]byte{}, Match{}),
	"cut:grants:bytes=20:skip=2:first=1": CutAfter(20, Grants().Nth(3)),
	"close:pings:1012:text=restart":      CloseWith(1012, "restart", Pings()),
	"close:0":                            CloseWith(0, "", Match{}),
	"slowread:0":                         SlowRead(-1, Match{}),
	"slowread:in:1000":                   SlowRead(1000, Inbound()),
	"starve:out:first=1":                 Starve(Outbound().First(1)),
	`drop:before="",",\"":every=2`:       Drop(Requests("", `,"`).Every(2)),
}

var whole = cmp.AllowUnexported(Fault{}, Match{})

func TestFaultsHaveATextForm(t *testing.T) {
	t.Parallel()
	kinds := map[Name]bool{}
	for text, fault := range texts {
		kinds[fault.Name()] = true
		if got := fault.String(); got != text {
			t.Errorf("it prints as %s, want %s", got, text)
		}
		parsed, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(fault, parsed, whole); diff != "" {
			t.Errorf("%s: -made +parsed:\n%s", text, diff)
		}
		if marshalled, err := fault.MarshalText(); err != nil || string(marshalled) != text {
			t.Errorf("%s: marshalled as %s, %v", text, marshalled, err)
		}
	}
	for _, name := range Names() {
		if !kinds[name] && name != NameRewrite && name != NameDo {
			t.Errorf("there is no test of %s", name)
		}
	}
}

func TestTheTextFormMayComeInAnyOrder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"delay:200ms:replies":                    "delay:replies:200ms",
		"delay:delay=1500ms":                     "delay:1.5s",
		"drop:every=10:events":                   "drop:events:every=10",
		"drop:every=1:skip=0":                    "drop",
		"drop:nth=1":                             "drop:first=1",
		"refuseupgrade:999":                      "refuseupgrade:999",
		`drop:before="azAZ09":first=9`:           "drop:before=azAZ09:first=9",
		"cut:replies=job.enqueue:nth=3":          "cut:after=job.enqueue:skip=2:first=1",
		"cut:requests=job.enqueue:bytes=0":       "cut:before=job.enqueue",
		"drop:before=":                           "drop:requests",
		"refuse:code=503:text=":                  "refuse:503",
		`refuse:text="plain":503`:                "refuse:503:text=plain",
		"refuseupgrade:503:header=retry-after=7": "refuseupgrade:503:header=Retry-After=7",
	} {
		var fault Fault
		if err := fault.UnmarshalText([]byte(text)); err != nil || fault.String() != want {
			t.Errorf("%s means %s, %v; want %s", text, fault, err, want)
		}
	}
}

func TestWhatIsNoFaultIsRefused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"":                               `there is no fault ""`,
		"dorp:events":                    `there is no fault "dorp", but [close cut delay`,
		"drop:evnts":                     `"evnts" is not known here`,
		"drop:":                          `"" is not known here`,
		"drop:events:replies":            `"replies" appears twice`,
		"drop:first=1:first=2":           `"first=2" appears twice`,
		"drop:first=1:nth=2":             `"nth=2" appears twice`,
		"drop:nth=2:skip=1":              `"skip=1" appears twice`,
		"drop:nth=2:first=1":             `"first=1" appears twice`,
		"drop:nth=0":                     `"nth=0" is not a number from 1`,
		"drop:perconn:perconn":           "twice",
		"delay:1s:2s":                    "twice",
		"refuse:503:text=a:text=b":       "twice",
		"drop:first=0":                   `"first=0" is not a number from 1`,
		"drop:conn=-1":                   "is not a number",
		"drop:every=9999999999999999999": "is not a number",
		"drop:text=x":                    `"text=x" is not known here`,
		"cut:=0":                         `"=0" is not known here`,
		"drop:1s":                        "not known",
		"delay:events":                   "the delay is missing",
		"delay:soon":                     `"soon" is not a duration`,
		"delay:-1s":                      "is not a duration",
		"refuse":                         "the code is missing",
		"refuse:0":                       "is not a number from 1 to 2147483647",
		"refuseupgrade:101":              "is not a number from 200 to 999",
		"close:65536":                    "is not a number from 0 to 65535",
		"refuseupgrade:503:header=x":     "is not header=KEY=VALUE",
		`refuse:503:text="x`:             "a quote does not end",
		`refuse:503:text="x"y`:           "invalid syntax",
		`drop:events="a"b`:               "invalid syntax",
		"rewrite:replies":                "rewrite carries a function and has no text form",
		"do:func":                        "do carries a function",
		"drop:events:where=func":         "is a function and has no text form",
	} {
		fault, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), reason) || !strings.HasPrefix(err.Error(), "fault: ") {
			t.Errorf("%s: %v, want %s", text, err, reason)
		}
		if fault.Name() != "" {
			t.Errorf("%s left %s", text, fault)
		}
	}
}

func TestFunctionsHaveNoTextForm(t *testing.T) {
	t.Parallel()
	for text, fault := range map[string]Fault{
		"rewrite:after=job.get:func": Rewrite(func(*Frame) {}, Replies(client.MethodJobGet)),
		"do:func:first=1":            Do(func() {}, Match{}.Nth(1)),
		"drop:events:where=func":     Drop(Events().Where(func(*Frame) bool { return true })),
		"":                           {},
	} {
		if got := fault.String(); got != text {
			t.Errorf("it prints as %s, want %s", got, text)
		}
		if marshalled, err := fault.MarshalText(); err == nil {
			t.Errorf("%s is marshalled as %s", text, marshalled)
		}
		if _, err := Parse(text); err == nil {
			t.Errorf("%s is parsed", text)
		}
	}
}

// FuzzParse parses anything, which must not panic, and what parses once more from how it prints.
func FuzzParse(f *testing.F) {
	for text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(fault.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, fault, err)
		}
		if diff := cmp.Diff(fault, again, whole); diff != "" {
			t.Errorf("%q prints as %q: -first +again:\n%s", text, fault, diff)
		}
	})
}

// FuzzString makes faults of any parameters that their functions document, and parses how they
// print.
func FuzzString(f *testing.F) {
	f.Add(uint8(0), uint16(503), int64(time.Second), "busy", "job.get", int8(1), int8(2), int8(3), true)
	f.Add(uint8(3), uint16(200), int64(-1), "a:\"b\xff", "", int8(-1), int8(0), int8(1), false)
	f.Fuzz(func(t *testing.T, kind uint8, code uint16, n int64, text, name string, skip, first, every int8, perConn bool) {
		m := []Match{
			{},
			Upgrades(), Inbound(), Outbound(), Requests(), Requests(name, text), Replies(), Replies(name), Events(),
			Events(client.EventType(name)), Pings(), Pongs(), Grants(),
		}[int(kind)%13].Skip(int(skip)).First(int(first)).Every(int(every)).Conn(int(skip))
		if perConn {
			m = m.PerConn()
		}
		header := http.Header{"Retry-After": {text, name}}
		small := int(min(n, math.MaxInt32))
		for _, made := range []Fault{
			Refuse(client.Code(code)+1, text, m), RefuseUpgrade(200+int(code)%800, header, m), Delay(time.Duration(n), m), Drop(m), Duplicate(m),
			Reorder(m), Garbage([]byte(text), m), RawBytes([]byte(text), m), CutAfter(small, m), CloseWith(int(code), text, m), HalfOpen(m),
			SlowRead(small, m), Starve(m),
		} {
			parsed, err := Parse(made.String())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(made, parsed, whole); diff != "" {
				t.Errorf("%q: -made +parsed:\n%s", made, diff)
			}
		}
	})
}
