package devserver

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestIDsAreValidAndDistinct(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id := newID(prefixJob)
		if err := checkID("job", prefixJob, id); err != nil || seen[id] {
			t.Fatalf("%s: %v", id, err)
		}
		seen[id] = true
	}
}

func TestIDsSortByTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, later := range []time.Duration{time.Millisecond, time.Second, time.Hour, 100 * 24 * time.Hour} {
			a := newID(prefixRun)
			time.Sleep(later)
			if b := newID(prefixRun); a >= b {
				t.Errorf("%s is not before %s, which is made %v later", a, b, later)
			}
		}
	})
}

func TestBadIDsAreRefused(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"":                                  `invalid job ID: id: parse "": empty string`,
		"nope":                              `invalid job ID: id: parse "nope": typeid: suffix length must be 26, got 4`,
		"job_":                              `invalid job ID: id: parse "job_": typeid: suffix length must be 26, got 0`,
		"01h2xcejqtf2nbrexx3vqjhp41":        `invalid job ID: id: expected prefix "job", got ""`,
		"evt_01h2xcejqtf2nbrexx3vqjhp41":    `invalid job ID: id: expected prefix "job", got "evt"`,
		"job_81h2xcejqtf2nbrexx3vqjhp41":    `invalid job ID: id: parse "job_81h2xcejqtf2nbrexx3vqjhp41": typeid: suffix is above 128 bits`,
		"job_7zzzzzzzzzzzzzzzzzzzzzzzzz":    "",
		"job_01h2xcejqtf2nbUexx3vqjhp41":    `invalid job ID: id: parse "job_01h2xcejqtf2nbUexx3vqjhp41": typeid: suffix has a character that is not of base 32`,
		"job_01h2xcejqtf2nbrexx3vqjhp41":    "",
		"my_job_01h2xcejqtf2nbrexx3vqjhp41": `invalid job ID: id: expected prefix "job", got "my_job"`,
	} {
		got := ""
		if err := checkID("job", prefixJob, id); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", id, got, want)
		}
	}
}
