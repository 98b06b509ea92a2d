package msgpack

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	deep := append(bytes.Repeat([]byte{0x91}, codec.MaxDepth+1), 1)
	if err := CheckDepth(deep); !errors.Is(err, codec.ErrDepth) {
		t.Errorf("nested too deeply, the error is %v", err)
	}
	if err := CheckDepth(deep[1:]); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

// TestClaimsCostNothing: a header that claims more than is there makes no room for it.
func TestClaimsCostNothing(t *testing.T) {
	for name, in := range map[string][]byte{
		"a string": {0xdb, 0xff, 0xff, 0xff, 0xff, 'x'},
		"a bin":    {0xc6, 0xff, 0xff, 0xff, 0xff, 'x'},
		"an ext":   {0xc9, 0xff, 0xff, 0xff, 0xff, 1, 'x'},
		"an array": {0xdd, 0xff, 0xff, 0xff, 0xff, 1},
		"a map":    {0xdf, 0xff, 0xff, 0xff, 0xff, 1, 1},
	} {
		if err := CheckDepth(in); !errors.Is(err, msgp.ErrShortBytes) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if n := testing.AllocsPerRun(10, func() { _ = CheckDepth(in) }); n > 2 {
			t.Errorf("%s costs %v allocations", name, n)
		}
	}
}

// FuzzSkip compares skip with msgp's own idea of where a value ends.
func FuzzSkip(f *testing.F) {
	f.Add([]byte{0x82, 0xa1, 'a', 0x93, 1, 2, 0xc0, 0xa1, 'b', 0xd7, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 9})
	f.Add([]byte{0xc7, 3, 5, 1, 2, 3})
	f.Add([]byte{0xda, 0, 2, 'a', 'b', 0xd1, 1, 2})
	f.Fuzz(func(t *testing.T, in []byte) {
		want, wantErr := msgp.Skip(in)
		got, err := skip(in, codec.MaxDepth)
		if errors.Is(err, codec.ErrDepth) {
			return
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("msgp says %v, skip %v", wantErr, err)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%x is left of %x, not %x", got, in, want)
		}
	})
}
