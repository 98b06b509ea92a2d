package sim

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// tokens is a source of tokens that expire. A moody one fails, hangs or has no new token in turn,
// but for its first call.
type tokens struct {
	w *world

	mu    sync.Mutex
	calls int
	kept  client.Token
}

var errNoToken = errors.New("no token")

func newTokens(w *world) *tokens { return &tokens{w: w} }

func (k *tokens) next(ctx context.Context) (client.Token, error) {
	mood := k.call()
	switch mood {
	case 1:
		return client.Token{}, errNoToken
	case 2:
		<-ctx.Done()
		return client.Token{}, ctx.Err()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if mood != 3 {
		k.kept = client.Token{Value: token, Expires: time.Now().Add(k.w.lifetime)}
	}
	return k.kept, nil
}

// call counts a call, and returns in which mood the source is: 0 for a good one.
func (k *tokens) call() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	if !k.w.moody || k.calls == 1 {
		return 0
	}
	return k.calls % 5
}
