package client

import (
	"strconv"
	"testing"
	"testing/synctest"
)

func TestFrameTapIsGivenTheNumberOfFramesThatItMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const frames = 100_000
		begin := make(chan struct{})
		var seen, missed, last uint64
		q := &tapQueue{tap: func(f Frame) {
			<-begin
			n, err := strconv.ParseUint(string(f.Payload), 10, 64)
			if err != nil || n != last+f.Missed+1 {
				t.Errorf("%s after %d, of which %d missed", f.Payload, last, f.Missed)
			}
			seen, missed, last = seen+1, missed+f.Missed, n
		}}
		s := &session{cfg: &config{tap: q}}
		put := func(n int) {
			q.put(tapped{s: s, frame: Frame{Direction: FrameReceived, Format: "json"}}, strconv.AppendInt(nil, int64(n), 10))
		}
		for n := range frames {
			put(n + 1)
			if n == 0 {
				synctest.Wait() // the tap has the first
			}
		}
		close(begin)
		<-q.settled()
		put(frames + 1)
		<-q.settled()
		if seen != tapFrames+2 || seen+missed != frames+1 {
			t.Errorf("%d frames seen and %d missed, want %d and all others", seen, missed, tapFrames+2)
		}
	})
}

func TestFrameTapKeepsFewBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		seen := 0
		q := &tapQueue{tap: func(Frame) {
			<-release
			seen++
		}}
		s := &session{cfg: &config{tap: q}}
		for range 10 {
			q.put(tapped{s: s, frame: Frame{Direction: FrameReceived, Format: "json"}}, make([]byte, tapBytes/3))
			synctest.Wait()
		}
		close(release)
		<-q.settled()
		if seen != 4 { // one that the tap had, and three that waited
			t.Errorf("%d frames, want 4", seen)
		}
	})
}
