package weak

import "testing"

func TestAdd(t *testing.T) {
	var c counter
	if !c.add(3, 10) || c.n != 3 {
		t.Error(c)
	}
	if c.add(30, 10) || c.n != 3 || !c.full {
		t.Error(c)
	}
}

func TestReset(t *testing.T) {
	c := counter{n: 1}
	c.reset()
	if c.n != 0 {
		t.Error(c)
	}
}

func TestSize(t *testing.T) {
	if size() != 8 {
		t.Error(size())
	}
}
