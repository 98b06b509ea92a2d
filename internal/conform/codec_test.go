package conform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/internal/instance"
)

// documentsPerType is how many random documents each type has to carry.
const documentsPerType = 200

// documents calls check with a definition's examples and with random documents of it.
func documents(t *testing.T, d definition, check func(t *testing.T, document any)) {
	t.Helper()
	examples, _ := d.written["examples"].([]any)
	for _, example := range examples {
		check(t, example)
	}
	g := instance.New(d.compiled, rand.New(rand.NewPCG(1, 2)))
	for i := range documentsPerType {
		g.Unknown = i%2 == 1
		document, ok := g.Valid()
		if !ok {
			t.Fatal("no document found")
		}
		if check(t, document); t.Failed() {
			return
		}
	}
}

// each runs a sub-test for each definition.
func each(t *testing.T, test func(t *testing.T, d definition, fresh func() any)) {
	t.Helper()
	all := definitions(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fresh := generated[name]
			if fresh == nil {
				t.Fatal("no type: TestEveryDefinitionIsTested says what to add")
			}
			test(t, all[name], fresh)
		})
	}
}

// TestJSONKeepsDocuments: a document that is decoded and encoded again is still
// valid, means the same, and decodes to an equal value. Unknown members break nothing.
func TestJSONKeepsDocuments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d definition, fresh func() any) {
		documents(t, d, func(t *testing.T, document any) {
			text := marshal(t, document)
			value := decodeJSON(t, fresh, text)
			again := marshal(t, value)
			if err := d.compiled.Validate(parse(t, again)); err != nil {
				t.Fatalf("%s\nbecame %s\n%#v", text, again, err)
			}
			if diff := cmp.Diff(d.normal(parse(t, text)), d.normal(parse(t, again))); diff != "" {
				t.Fatalf("%s\nbecame %s\n%s", text, again, diff)
			}
			if diff := cmp.Diff(value, decodeJSON(t, fresh, again), equal...); diff != "" {
				t.Fatalf("%s\ndecodes to something else the second time:\n%s", text, diff)
			}
		})
	})
}

// TestMsgpackKeepsValues: a value that went through msgpack is equal, and so is
// its JSON. An enum is a plain string there, so only objects have serializers.
func TestMsgpackKeepsValues(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d definition, fresh func() any) {
		if d.written["type"] != "object" {
			if kind := reflect.TypeOf(fresh()).Elem().Kind(); kind != reflect.String {
				t.Errorf("a %s without a serializer", kind)
			}
			return
		}
		documents(t, d, func(t *testing.T, document any) {
			value := decodeJSON(t, fresh, marshal(t, document))
			packed, err := value.(msgp.Marshaler).MarshalMsg(nil)
			if err != nil {
				t.Fatalf("%+v: %v", value, err)
			}
			if size := value.(msgp.Sizer).Msgsize(); len(packed) > size {
				t.Errorf("%d bytes, where Msgsize promises %d at most", len(packed), size)
			}
			again := fresh()
			rest, err := again.(msgp.Unmarshaler).UnmarshalMsg(packed)
			if err != nil || len(rest) > 0 {
				t.Fatalf("%+v: %v, %d bytes left", value, err, len(rest))
			}
			if diff := cmp.Diff(value, again, equal...); diff != "" {
				t.Fatalf("another value after msgpack:\n%s", diff)
			}
			if diff := cmp.Diff(d.normal(parse(t, marshal(t, value))), d.normal(parse(t, marshal(t, again)))); diff != "" {
				t.Fatalf("another document after msgpack:\n%s", diff)
			}
		})
	})
}

// TestMsgpackIgnoresUnknownMembers: what a newer peer adds to a map breaks nothing.
func TestMsgpackIgnoresUnknownMembers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d definition, fresh func() any) {
		if d.written["type"] != "object" {
			return
		}
		documents(t, d, func(t *testing.T, document any) {
			value := decodeJSON(t, fresh, marshal(t, document))
			packed, err := value.(msgp.Marshaler).MarshalMsg(nil)
			if err != nil {
				t.Fatal(err)
			}
			size, members, err := msgp.ReadMapHeaderBytes(packed)
			if err != nil {
				t.Fatalf("not a map: %v", err)
			}
			extended := msgp.AppendMapHeader(nil, size+2)
			extended = msgp.AppendString(extended, "x_unknown")
			extended = msgp.AppendArrayHeader(extended, 2)
			extended = msgp.AppendNil(extended)
			extended = msgp.AppendMapHeader(extended, 0)
			extended = append(extended, members...)
			extended = msgp.AppendString(extended, "")
			extended = msgp.AppendBytes(extended, []byte("last"))
			again := fresh()
			if rest, err := again.(msgp.Unmarshaler).UnmarshalMsg(extended); err != nil || len(rest) > 0 {
				t.Fatalf("%+v: %v, %d bytes left", value, err, len(rest))
			}
			if diff := cmp.Diff(value, again, equal...); diff != "" {
				t.Fatal(diff)
			}
		})
	})
}

// equal compares generated values: free-form JSON by what it says, times by the
// instant, no bytes like nil bytes.
var equal = []cmp.Option{
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[[]byte]() }, cmp.Comparer(bytes.Equal)),
	cmp.FilterPath(func(p cmp.Path) bool {
		switch p.Last().Type() {
		case reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage]():
			return true
		}
		return false
	}, cmp.Comparer(func(a, b any) bool { return says(a) == says(b) })),
}

// says writes free-form JSON in one way, members sorted; nothing at all is "".
func says(v any) string {
	if raw, ok := v.(json.RawMessage); ok && len(raw) == 0 || v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(err)
	}
	var free any
	if err := json.Unmarshal(b, &free); err != nil {
		return fmt.Sprint(err)
	}
	b, err = json.Marshal(free)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b)
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	return b
}

func decodeJSON(t *testing.T, fresh func() any, text []byte) any {
	t.Helper()
	v := fresh()
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
