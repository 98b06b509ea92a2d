package devserver_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

func TestEveryCountsFromWhereSkipEnds(t *testing.T) {
	for name, test := range map[string]struct {
		match fault.Match
		want  []int // which of twelve requests are refused
	}{
		"every":              {fault.Requests("stats").Every(4), []int{4, 8, 12}},
		"skip, every":        {fault.Requests("stats").Skip(3).Every(4), []int{7, 11}},
		"every, skip":        {fault.Requests("stats").Every(4).Skip(3), []int{7, 11}},
		"every, first":       {fault.Requests("stats").Every(4).First(2), []int{4, 8}},
		"skip, every, first": {fault.Requests("stats").Skip(3).Every(4).First(1), []int{7}},
		"skip more than all": {fault.Requests("stats").Skip(12).Every(2), nil},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(b *bubble, format wire.Format) {
				b.srv.Inject(fault.Refuse(client.CodeInternal, "now", test.match))
				p := b.login(format)
				var refused []int
				for i := range 12 {
					if reply, _ := p.ask("stats", nil); reply.Error != nil {
						refused = append(refused, i+1)
					}
				}
				if diff := cmp.Diff(test.want, refused); diff != "" {
					b.Error(diff)
				}
			})
		})
	}
}
