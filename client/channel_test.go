package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChannelThatChangesUnderAVisitIsVisitedOnceEach(t *testing.T) {
	t.Parallel()
	for _, removed := range [][]int{{}, {0}, {1}, {4}, {0, 4}, {1, 2, 3}, {0, 1, 2, 3, 4}} {
		ch := &channel{name: ChannelJobs}
		number := map[*Subscription]int{}
		for i := range 5 {
			sub := &Subscription{}
			number[sub] = i
			ch.add(sub)
		}
		goes := map[int]bool{}
		for _, i := range removed {
			goes[i] = true
		}
		visits := map[int]int{}
		visit := func() {
			ch.each(&Event{}, func(sub *Subscription) {
				visits[number[sub]]++
				if goes[number[sub]] {
					ch.remove(sub)
				}
			})
		}
		visit()
		goes = nil
		visit()
		want := map[int]int{0: 2, 1: 2, 2: 2, 3: 2, 4: 2}
		for _, i := range removed {
			want[i] = 1
		}
		if diff := cmp.Diff(want, visits); diff != "" {
			t.Errorf("without %v: %s", removed, diff)
		}
	}
}

func TestTopicNamedLikeAWideChannelIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	cs := channels{}
	for _, name := range []string{ChannelFirehose, ChannelJobs, ChannelWorkflows} {
		cs[name] = &channel{name: name}
		cs[name].add(&Subscription{route: route{server: name}})
	}
	for _, topic := range []string{"", ChannelFirehose, ChannelJobs, ChannelWorkflows} {
		var got []string
		cs.each(&Event{Type: "x", Topic: topic}, func(sub *Subscription) { got = append(got, sub.route.server) })
		if diff := cmp.Diff([]string{ChannelFirehose}, got); diff != "" {
			t.Errorf("topic %q: %s", topic, diff)
		}
	}
}
