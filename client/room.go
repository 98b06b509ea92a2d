package client

import "container/list"

// room limits the bytes of callers' frames in an outbox, and queues the callers that wait for
// bytes. They get them in the order in which they asked, so that many small frames do not hold up a
// large one. The outbox's lock guards it.
type room struct {
	max   int
	used  int
	queue list.List // of *place
}

// reservation is a caller that waits for bytes.
type reservation struct {
	size int
	free chan struct{} // closed when the caller has them
}

// acquire takes n bytes, unless there are too few or another caller waits already.
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

// leave gives up a wait. If its bytes have come, they are released.
func (r *room) leave(e *list.Element) {
	p := e.Value.(*reservation)
	select {
	case <-p.free:
		r.release(p.size)
	default:
		r.queue.Remove(e)
		r.release(0) // the next one may need less
	}
}

// release returns n bytes, and gives them to the callers that wait.
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
