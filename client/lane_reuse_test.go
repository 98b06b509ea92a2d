package client

import (
	"testing"
	"time"
)

func TestIdleLanesThatHaveBrokenAreForgotten(t *testing.T) {
	t.Parallel()
	cfg := defaults()
	var c Client
	broken, alive := newSession(cfg, 1, false, nil, nil, &c.counters), newSession(cfg, 2, false, nil, nil, &c.counters)
	close(broken.dead)
	p := lanes{c: &c, all: map[*session]struct{}{broken: {}, alive: {}}}
	for _, s := range []*session{alive, broken} {
		p.idle = append(p.idle, &lane{session: s, expiry: time.NewTimer(time.Hour)})
	}
	if l := p.reuse(nil); l == nil || l.session != alive {
		t.Errorf("got %v, want the lane that is alive", l)
	}
	if _, kept := p.all[broken]; kept || len(p.all) != 1 || len(p.idle) != 0 {
		t.Errorf("%d sessions and %d idle lanes are kept", len(p.all), len(p.idle))
	}
}
