package fault

import (
	"strconv"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
)

// moments are some of each kind, by what the test below calls them.
var moments = map[string]Point{
	"upgrade": {Conn: 1},
	"stats":   {Conn: 1, Inbound: true, Frame: &Frame{Type: "request"}, Method: client.MethodStats},
	"get":     {Conn: 2, Inbound: true, Frame: &Frame{Type: "request", ID: "a"}, Method: client.MethodJobGet},
	"ping":    {Conn: 2, Inbound: true, Frame: &Frame{Type: "ping"}},
	"grant":   {Conn: 1, Inbound: true, Frame: &Frame{Type: "event", Credits: 1}},
	"reply":   {Conn: 1, Frame: &Frame{Type: "response"}, Method: client.MethodStats},
	"refusal": {Conn: 2, Frame: &Frame{Type: "error", ID: "a"}, Method: client.MethodJobGet},
	"pong":    {Conn: 2, Frame: &Frame{Type: "pong"}},
	"started": {Conn: 1, Frame: &Frame{Type: "event"}, Event: client.EventJobStarted},
	"failed":  {Conn: 2, Frame: &Frame{Type: "event", ID: "a"}, Event: client.EventJobFailed},
}

func TestFaultsCoverWhatTheyNameAndWhereTheyCanAct(t *testing.T) {
	t.Parallel()
	a := func(fr *Frame) bool { return fr.ID == "a" }
	inbound := func(fr *Frame) bool { return fr.Type == "request" }
	for _, test := range []struct {
		fault Fault
		want  string
	}{
		{Fault{}, ""},
		{Cut(Match{}), "failed get grant ping pong refusal reply started stats upgrade"},
		{Cut(Upgrades()), "upgrade"},
		{Cut(Inbound()), "get grant ping stats"},
		{Cut(Outbound()), "failed pong refusal reply started"},
		{Cut(Requests()), "get stats"},
		{Cut(Requests(client.MethodJobGet)), "get"},
		{Cut(Replies()), "refusal reply"},
		{Cut(Replies(client.MethodStats, client.MethodJobCancel)), "reply"},
		{Cut(Events()), "failed started"},
		{Cut(Events(client.EventJobStarted)), "started"},
		{Cut(Pings()), "ping"},
		{Cut(Pongs()), "pong"},
		{Cut(Grants()), "grant"},
		{Cut(Match{}.Conn(1)), "grant reply started stats upgrade"},
		{Cut(Match{}.Conn(2).Conn(0).Conn(-1)), "failed get grant ping pong refusal reply started stats upgrade"},
		{Cut(Match{}.Where(a)), "failed get refusal"},
		{Cut(Match{}.Where(a).Where(inbound)), "get"},
		{Cut(Match{}.Where(inbound).Where(a)), "get"},
		{Drop(Match{}), "failed get grant ping pong refusal reply started stats"},
		{Garbage(nil, Match{}), "failed pong refusal reply started"},
		{Refuse(500, "", Match{}), "get grant ping refusal reply stats upgrade"},
		{RefuseUpgrade(500, nil, Match{}), "upgrade"},
	} {
		var covered []string
		for _, name := range []string{"failed", "get", "grant", "ping", "pong", "refusal", "reply", "started", "stats", "upgrade"} {
			if test.fault.Covers(moments[name]) {
				covered = append(covered, name)
			}
		}
		if got := strings.Join(covered, " "); got != test.want {
			t.Errorf("%s covers %s, want %s", test.fault, got, test.want)
		}
	}
}

func TestMatchesCount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		match Match
		want  string // of the first twelve
	}{
		{Match{}, "1 2 3 4 5 6 7 8 9 10 11 12"},
		{Match{}.First(2), "1 2"},
		{Match{}.First(2).First(0).Skip(10), "11 12"},
		{Match{}.Skip(2).Skip(-1).First(1), "1"},
		{Match{}.Nth(1), "1"},
		{Match{}.Nth(3), "3"},
		{Match{}.Skip(9), "10 11 12"},
		{Match{}.Every(5), "5 10"},
		{Match{}.Every(5).Every(1).First(3), "1 2 3"},
		{Match{}.Every(2).First(2), "2 4"},
		{Match{}.Every(3).Skip(1), "4 7 10"},
		{Match{}.Every(3).Skip(4).First(1), "7"},
	} {
		var acts []string
		for n := 1; n <= 12; n++ {
			if Cut(test.match).ActsAt(n) {
				acts = append(acts, strconv.Itoa(n))
			}
		}
		if got := strings.Join(acts, " "); got != test.want {
			t.Errorf("%s acts at %s, want %s", Cut(test.match), got, test.want)
		}
	}
}
