package client

// send sends the flights that wait to be sent, as far as nothing has to be waited for but room
// among the bytes to be written. With wait, it waits until it has sent the first flight, or that
// one has ended.
func (p *pipeline) send(wait bool) {
	for p.next < len(p.flights) {
		f := &p.flights[p.next]
		if f.ended || f.on != nil && f.on == p.session {
			p.next++
			continue
		}
		wait := wait && p.next == p.first
		s, err := p.current(wait)
		switch {
		case err != nil:
			p.end(f, unsent(p.ctx, &methodJobEnqueue, err))
		case s == nil:
			return
		case s != p.session:
			p.session = s
			p.collect()
		case !p.admit(f, wait):
			return
		case f.ended:
		default:
			p.put(f, s)
		}
	}
}

// current returns the session, nil if there is none and it is not to be waited for.
func (p *pipeline) current(wait bool) (*session, error) {
	if !wait {
		if s := p.c.status.current.Load(); s != nil && !s.isDead() && p.ctx.Err() == nil {
			return s, nil
		}
		return nil, nil
	}
	if err := ended(p.ctx); err != nil {
		return nil, err
	}
	return p.c.status.waitReady(p.ctx, p.c.cfg, p.as)
}

// collect settles the flights of the session before, all of which have been completed when there is
// another session. Those that were not written are sent on that one.
func (p *pipeline) collect() {
	for i := p.first; i < len(p.flights); i++ {
		if f := &p.flights[i]; f.on != nil && f.on != p.session {
			p.settle(i, f.on.answer(p.ctx, f.x))
		}
	}
}

// admit counts a flight as in flight. Only the first flight waits for a place, because then no
// other one of this pipeline has one that could be given back meanwhile. It returns false if the
// flight has to wait.
func (p *pipeline) admit(f *flight, wait bool) bool {
	if !wait {
		return p.c.inFlight.admit(&f.at) == nil
	}
	if err := p.c.awaitPlace(p.ctx, &f.at); err != nil {
		p.end(f, unsent(p.ctx, &methodJobEnqueue, err))
	}
	return true
}

// put sends a flight on a session. It waits for room among the bytes to be written.
func (p *pipeline) put(f *flight, s *session) {
	o, sent := s.request(p.ctx, &methodJobEnqueue, f.x)
	switch {
	case sent:
		f.on, p.as = s, admittedCall
		p.next++
	case !o.lost:
		p.end(f, o.verdict(&methodJobEnqueue))
	}
}
