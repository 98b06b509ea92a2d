package conform_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/instance"
)

// FuzzGeneratedCodecsAgreeWithEncodingJSON: a generated type reads and writes what
// encoding/json reads and writes for a struct of the same fields and tags.
func FuzzGeneratedCodecsAgreeWithEncodingJSON(f *testing.F) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(generated)) {
		if reflect.TypeOf(generated[name]()).Elem().Kind() == reflect.Struct {
			names = append(names, name)
		}
	}
	for i, name := range names {
		for _, document := range seeds(f, name) {
			f.Add(byte(i), document)
		}
		f.Add(byte(i), []byte(`null`))
		f.Add(byte(i), []byte(`{"name":"\ud800\u2028<\u0001","name":null,"payload":[1, {"a" :"b"}],"data":"aGk=","error":{"code":1}} `))
		f.Add(byte(i), []byte("{\"id\":\"\xff\",\"x\":[{}],\"priority\":9223372036854775808,\"ts\":\"2026-11-23T14:29:33+24:00\"}"))
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		fresh := generated[names[int(which)%len(names)]]
		got := fresh()
		bare := bareOf(reflect.TypeOf(got).Elem())
		if readDifferently(data, bare) {
			return
		}
		want := reflect.New(bare)
		wantErr := json.Unmarshal(data, want.Interface())
		gotErr := codec.Unmarshal(data, got)
		if errors.Is(gotErr, codec.ErrDepth) {
			return
		}
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("%q as %T:\nencoding/json: %v\ngenerated:     %v", data, got, wantErr, gotErr)
		}
		if wantErr != nil {
			return
		}
		if asBare := reflect.ValueOf(got).Elem(); asBare.CanConvert(bare) {
			if diff := cmp.Diff(want.Elem().Interface(), asBare.Convert(bare).Interface()); diff != "" {
				t.Fatalf("%q as %T (-encoding/json +generated):\n%s", data, got, diff)
			}
		}
		fillNil(want.Elem())
		wantText, wantErr := json.Marshal(want.Interface())
		gotText, gotErr := got.(codec.Appender).AppendJSON(nil)
		if (wantErr == nil) != (gotErr == nil) || wantErr == nil && !bytes.Equal(wantText, gotText) {
			t.Fatalf("%q as %T is written as\n%s, %v by encoding/json,\n%s, %v by the generated encoder", data, got, wantText, wantErr, gotText, gotErr)
		}
		if again, err := json.Marshal(got); (err == nil) != (gotErr == nil) || err == nil && !bytes.Equal(again, gotText) {
			t.Fatalf("json.Marshal gives %s, %v, AppendJSON %s", again, err, gotText)
		}
	})
}

// fillNil makes nil bytes, lists and maps empty: encoding/json would write null, which their
// schemas refuse.
func fillNil(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for _, f := range v.Fields() {
		switch {
		case !f.CanSet() || f.Type() == reflect.TypeFor[json.RawMessage]():
		case f.Kind() == reflect.Slice && f.IsNil():
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		case f.Kind() == reflect.Map && f.IsNil():
			f.Set(reflect.MakeMap(f.Type()))
		case f.Kind() == reflect.Struct:
			fillNil(f)
		}
	}
}

// seeds are documents of a definition.
func seeds(f *testing.F, name string) [][]byte {
	f.Helper()
	var out [][]byte
	d := definitions(f)[name]
	g := instance.New(d.compiled, rand.New(rand.NewPCG(1, 2)))
	g.Unknown = true
	for range 3 {
		if document, ok := g.Valid(); ok {
			text, err := json.Marshal(document)
			if err != nil {
				f.Fatal(err)
			}
			out = append(out, text)
		}
	}
	return out
}

// bareOf is a struct type of the same fields and tags without methods. Where the type holds
// anything at all, which a generated decoder keeps as text, so does the bare one.
func bareOf(t reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for field := range t.Fields() {
		if field.Type.Kind() == reflect.Interface {
			field.Type = reflect.TypeFor[json.RawMessage]()
		}
		fields = append(fields, field)
	}
	return reflect.StructOf(fields)
}

// readDifferently reports whether a document has a member that codec's documentation says is read
// differently: a name in another case, an integer with a fraction or exponent, a time with escapes,
// bytes as an array.
func readDifferently(data []byte, bare reflect.Type) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') || !json.Valid(data) {
		return false
	}
	for d.More() {
		name, _ := d.Token()
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return false
		}
		for field := range bare.Fields() {
			known, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != known && strings.EqualFold(name.(string), known) || name == known && differs(value, field.Type) {
				return true
			}
		}
	}
	return false
}

func differs(value json.RawMessage, t reflect.Type) bool {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return bytes.ContainsRune(value, '\\')
	case t == reflect.TypeFor[[]byte]():
		return value[0] == '['
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return value[0] != '"' && bytes.ContainsAny(value, ".eE") || string(value) == "-0"
	}
	return false
}
