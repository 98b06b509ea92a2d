// Package weak has code that its tests check in part.
package weak

type counter struct {
	n, resets int
	full      bool
}

// add is checked, but for what it does exactly at the limit.
func (c *counter) add(n, limit int) bool {
	if c.n+n > limit {
		c.full = true
		return false
	}
	c.n += n
	return true
}

// reset is run by a test that does not look at what it counts.
func (c *counter) reset() {
	c.n = 0
	c.resets++
}

// forget is not run.
func (c *counter) forget() { c.resets = 0 }

// size is checked. An increment of its number would not compile.
func size() byte {
	var size byte
	size += 8
	return size
}
