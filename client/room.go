package client

import "container/list"

// room is how many bytes of callers' frames an outbox may hold, and who waits for some of it: it
// goes to them in the order in which they asked, so that many small frames do not keep a large one
// out. The outbox's lock guards it.
type room struct {
	max   int
	used  int
	queue list.List // of *place
}

// reservation is where a caller waits for so many bytes.
type reservation struct {
	size int
	free chan struct{} // closed when they are the caller's
}

// acquire takes n bytes, unless there are too few or somebody waits already.
func (r *room) acquire(n int) bool {
	if r.queue.Len() > 0 || n > r.max-r.used {
		return false
	}
	r.used += n
	return true
}

// wait queues for n bytes.
func (r *room) wait(n int) *list.Element {
	return r.queue.PushBack(&reservation{size: n, free: make(chan struct{})})
}

// leave ends a wait before its time. The bytes, if they have come, are given back.
func (r *room) leave(e *list.Element) {
	p := e.Value.(*reservation)
	select {
	case <-p.free:
		r.release(p.size)
	default:
		r.queue.Remove(e)
		r.release(0) // what is behind may be smaller
	}
}

// release gives n bytes back, for those who wait.
func (r *room) release(n int) {
	r.used -= n
	for e := r.queue.Front(); e != nil; e = r.queue.Front() {
		p := e.Value.(*reservation)
		if p.size > r.max-r.used {
			return
		}
		r.used += p.size
		r.queue.Remove(e)
		close(p.free)
	}
}
