//go:build !linux

package load

import "time"

// sleepUntil may be late by the resolution of the runtime's timers.
func sleepUntil(t time.Time) { time.Sleep(time.Until(t)) }
