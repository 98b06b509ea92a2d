package msgpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"
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
	msgp.Encodable
	msgp.Decodable
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
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to, get := make()
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
			var stream bytes.Buffer
			w := msgp.NewWriter(&stream)
			if err := errors.Join(from.EncodeMsg(w), w.Flush()); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, stream.Bytes()) {
				t.Errorf("EncodeMsg writes %x, MarshalMsg %x", stream.Bytes(), b)
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
			if err := to.DecodeMsg(msgp.NewReader(&stream)); err != nil {
				t.Fatal(err)
			}
			if want, got := get(); !cmp.Equal(want, got) {
				t.Errorf("DecodeMsg (-want +got):\n%s", cmp.Diff(want, got))
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

func TestReadingAStreamTakesNoMoreThanWasSent(t *testing.T) {
	// Not parallel: it measures what is allocated.
	tests := map[string][]byte{
		"a string": {0xdb, 0xff, 0xff, 0xff, 0xff, 'x'},
		"a bin":    {0xc6, 0xff, 0xff, 0xff, 0xff, 'x'},
		"an ext":   {0xc9, 0xff, 0xff, 0xff, 0xff, 1, 'x'},
		"an array": {0xdd, 0xff, 0xff, 0xff, 0xff, 1},
		"a map":    {0xdf, 0xff, 0xff, 0xff, 0xff, 1, 1},
	}
	for name, in := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := readValue(msgp.NewReader(bytes.NewReader(in)))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
			t.Errorf("%s of %d bytes costs %d", name, len(in), spent)
		}
	}
	deep := bytes.Repeat([]byte{0x91}, codec.MaxDepth+1)
	if _, err := readValue(msgp.NewReader(bytes.NewReader(append(deep, 1)))); !errors.Is(err, codec.ErrDepth) {
		t.Errorf("nested too deeply, the error is %v", err)
	}
	if b, err := readValue(msgp.NewReader(bytes.NewReader(append(deep[1:], 1)))); err != nil || len(b) != codec.MaxDepth+1 {
		t.Errorf("at the limit: %d bytes, %v", len(b), err)
	}
}

// FuzzReadValue holds the reader of streams against msgp's own idea of where a value ends.
func FuzzReadValue(f *testing.F) {
	f.Add([]byte{0x82, 0xa1, 'a', 0x93, 1, 2, 0xc0, 0xa1, 'b', 0xd7, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 9})
	f.Add([]byte{0xc7, 3, 5, 1, 2, 3})
	f.Add([]byte{0xda, 0, 2, 'a', 'b', 0xd1, 1, 2})
	f.Fuzz(func(t *testing.T, in []byte) {
		rest, err := msgp.Skip(in)
		b, mine := readValue(msgp.NewReader(bytes.NewReader(in)))
		if errors.Is(mine, codec.ErrDepth) {
			return
		}
		if (err == nil) != (mine == nil) {
			t.Fatalf("Skip says %v, readValue %v", err, mine)
		}
		if err == nil && !bytes.Equal(b, in[:len(in)-len(rest)]) {
			t.Fatalf("read %x of %x, leaving %x", b, in, rest)
		}
	})
}
