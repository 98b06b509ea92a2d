package msgpack

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// value is what ValueOf returns, whatever its types.
type value interface {
	msgp.Marshaler
	msgp.Unmarshaler
	msgp.Sizer
	IsZero() bool
}

func TestCodersReadWhatTheyWrite(t *testing.T) {
	t.Parallel()
	five := 5
	at := time.Date(2026, 11, 23, 14, 29, 36, 640045998, time.UTC)
	tests := map[string]func() (from, to value, get func() (want, got any)){
		"a list of strings": func() (value, value, func() (any, any)) {
			a, b := []string{"x", ""}, []string(nil)
			c := SliceOf(String[string]{})
			return ValueOf(&a, c), ValueOf(&b, c), func() (any, any) { return a, b }
		},
		"a map of lists of nullable integers": func() (value, value, func() (any, any)) {
			a, b := map[string][]*int{"a": {&five, nil}, "b": {}}, map[string][]*int(nil)
			c := MapOf(SliceOf(PointerOf(Int[int]{})))
			return ValueOf(&a, c), ValueOf(&b, c), func() (any, any) { return a, b }
		},
		"an optional null": func() (value, value, func() (any, any)) {
			a, b := codec.NullOf[bool](), codec.Optional[bool]{}
			c := OptionalOf(Bool[bool]{})
			return ValueOf(&a, c), ValueOf(&b, c), func() (any, any) { return a, b }
		},
		"an optional value": func() (value, value, func() (any, any)) {
			a, b := codec.Some(1.5), codec.Optional[float64]{}
			c := OptionalOf(Float[float64]{})
			return ValueOf(&a, c), ValueOf(&b, c), func() (any, any) { return a, b }
		},
		"JSON": func() (value, value, func() (any, any)) {
			a, b := json.RawMessage(`{"a":[1,null]}`), json.RawMessage(nil)
			return ValueOf(&a, JSON{}), ValueOf(&b, JSON{}), func() (any, any) { return a, b }
		},
		"any": func() (value, value, func() (any, any)) {
			a, b := any([]int{1, 2}), any(nil)
			return ValueOf(&a, Any{}), ValueOf(&b, Any{}), func() (any, any) { return json.RawMessage("[1,2]"), b }
		},
		"bytes": func() (value, value, func() (any, any)) {
			a, b := []byte{1, 2}, []byte(nil)
			return ValueOf(&a, Bytes[[]byte]{}), ValueOf(&b, Bytes[[]byte]{}), func() (any, any) { return a, b }
		},
		"a time": func() (value, value, func() (any, any)) {
			a, b := at, time.Time{}
			return ValueOf(&a, Time{}), ValueOf(&b, Time{}), func() (any, any) { return a, b }
		},
		"an unsigned integer": func() (value, value, func() (any, any)) {
			a, b := uint8(200), uint8(0)
			return ValueOf(&a, Uint[uint8]{}), ValueOf(&b, Uint[uint8]{}), func() (any, any) { return a, b }
		},
	}
	for name, pair := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to, get := pair()
			if from.IsZero() || !to.IsZero() {
				t.Errorf("IsZero of the value is %v, of what is empty %v", from.IsZero(), to.IsZero())
			}
			b, err := from.MarshalMsg(nil)
			if err != nil {
				t.Fatal(err)
			}
			if size := from.Msgsize(); len(b) > size {
				t.Errorf("Msgsize is %d, the value takes %d", size, len(b))
			}
			for i := range b {
				if _, err := to.UnmarshalMsg(b[:i]); err == nil {
					t.Errorf("the first %d of %d bytes are a value", i, len(b))
				}
			}
			if rest, err := to.UnmarshalMsg(append(b, 7)); err != nil || len(rest) != 1 {
				t.Fatalf("UnmarshalMsg leaves %x: %v", rest, err)
			}
			if want, got := get(); !cmp.Equal(want, got) {
				t.Errorf("UnmarshalMsg (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

func TestCodersRefuse(t *testing.T) {
	t.Parallel()
	var (
		small  int8
		list   []int64
		object map[string]bool
		raw    json.RawMessage
	)
	tests := map[string]struct {
		in   []byte
		to   value
		kind error
	}{
		"a number that does not fit":       {msgp.AppendInt(nil, 300), ValueOf(&small, Int[int8]{}), codec.ErrRange},
		"a count above what is left":       {msgp.AppendArrayHeader(nil, 1<<31), ValueOf(&list, SliceOf(Int[int64]{})), msgp.ErrShortBytes},
		"a map's count above what is left": {msgp.AppendMapHeader(nil, 1<<31), ValueOf(&object, MapOf(Bool[bool]{})), msgp.ErrShortBytes},
		"a map where JSON text is wanted":  {msgp.AppendMapHeader(nil, 0), ValueOf(&raw, JSON{}), codec.ErrType},
		"text that is no JSON":             {msgp.AppendString(nil, "{"), ValueOf(&raw, JSON{}), codec.ErrSyntax},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := tt.to.UnmarshalMsg(tt.in); !errors.Is(err, tt.kind) {
				t.Errorf("the error is %v, not %v", err, tt.kind)
			}
		})
	}
}
