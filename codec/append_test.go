package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestWhatIsAppendedIsWhatTheStandardLibraryWrites(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 5400)
	for _, v := range []any{
		"", "plain", `"\/`, "<a href=\"x\">&</a>", "\u2028\u2029\u2027", "\xff\xc3\x28\xed\xa0\x80é€😀", "\x00\x01\b\f\n\r\t\x1f\x7f", "12345678<", "1234567>", "\xe2\x80", "\ufffd",
		0, -1, math.MinInt, int64(math.MinInt64), int8(-128), uint64(math.MaxUint64), true, false,
		0.0, math.Copysign(0, -1), 1.5, 1e20, 1e21, 1e-6, 1e-7, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64, 1.0 / 3,
		float32(0.1), float32(1e21), float32(1e-7), float32(math.MaxFloat32), float32(16777216),
		[]byte{},
		[]byte("hello"),
		[]byte{0xff, 0xfe},
		time.Time{},
		time.Date(2026, 11, 23, 14, 29, 33, 100, zone), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		json.RawMessage(nil), json.RawMessage(" { \"a b\" : [ 1 , \"<\u2028\" ] } "), json.RawMessage(`1`), json.RawMessage("\"\xff\""),
		nil,
		map[string]any{"a": []int{1}},
		struct{ A *int }{},
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := appendValue([]byte("before"), v); err != nil || string(got) != "before"+string(want) {
			t.Errorf("%T %v: got %s, %v, want %s", v, v, got, err, want)
		}
		if got, err := AppendAny([]byte("before"), v); err != nil || string(got) != "before"+string(want) {
			t.Errorf("as any %T %v: got %s, %v, want %s", v, v, got, err, want)
		}
	}
}

// appendValue appends a value with the function for its type.
func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return AppendString(dst, v), nil
	case int:
		return AppendInt(dst, v), nil
	case int64:
		return AppendInt(dst, v), nil
	case int8:
		return AppendInt(dst, v), nil
	case uint64:
		return AppendUint(dst, v), nil
	case bool:
		return AppendBool(dst, v), nil
	case float64:
		return AppendFloat(dst, v)
	case float32:
		return AppendFloat(dst, v)
	case []byte:
		return AppendBytes(dst, v), nil
	case time.Time:
		return AppendTime(dst, v)
	case json.RawMessage:
		return AppendRaw(dst, v)
	}
	return AppendAny(dst, v)
}

func TestWhatHasNoJSONIsAnError(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		math.NaN(), math.Inf(1), float32(math.Inf(-1)), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
		json.RawMessage(""), json.RawMessage("{"), json.RawMessage("1 2"), json.RawMessage("\"\n\""), make(chan int), func() {},
	} {
		if got, err := appendValue([]byte("before"), v); err == nil {
			t.Errorf("%T %v: got %s, want an error", v, v, got)
		}
	}
	if _, err := AppendFloat(nil, math.NaN()); !errors.Is(err, ErrValue) {
		t.Errorf("NaN: %v, want ErrValue", err)
	}
	if _, err := AppendRaw(nil, []byte("[")); !errors.Is(err, ErrSyntax) {
		t.Errorf("[: %v, want ErrSyntax", err)
	}
}

func FuzzAppend(f *testing.F) {
	f.Add("plain <b>\u2028\xff", 1.5, int64(-5), []byte(` {"a" : "<" }`))
	f.Add("12345678\xe2\x80\xa8", 1e21, int64(1)<<62, []byte("[1,\n2]"))
	f.Fuzz(func(t *testing.T, text string, number float64, integer int64, raw []byte) {
		values := []any{text, number, float32(number), integer, raw, json.RawMessage(raw), time.Unix(integer, integer).UTC()}
		for _, v := range values {
			want, wantErr := json.Marshal(v)
			got, gotErr := appendValue(nil, v)
			if errors.Is(gotErr, ErrDepth) {
				continue
			}
			if (wantErr == nil) != (gotErr == nil) || wantErr == nil && !bytes.Equal(want, got) {
				t.Fatalf("%T %v:\nencoding/json: %s, %v\nAppend:        %s, %v", v, v, want, wantErr, got, gotErr)
			}
		}
	})
}

// careless writes itself as any text.
type careless string

func (f careless) AppendJSON(dst []byte) ([]byte, error) { return append(dst, f...), nil }

func (f careless) MarshalJSON() ([]byte, error) { return []byte(f), nil }

func TestWhatACarelessAppenderWritesIsCheckedAsARawMessageIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"a":[1,"é"]}`, `{"a" : 1}`, ` 1`, `"<"`, "\"\u2028\"", `null`, "", "{", `1 2`, `"a`, `{"a":1}}`, strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
	} {
		want, wantErr := AppendRaw([]byte("before"), []byte(text))
		got, err := AppendAny([]byte("before"), careless(text))
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || err == nil && string(got) != string(want) {
			t.Errorf("%.40s: got %s, %v, want %s, %v", text, got, err, want, wantErr)
		}
	}
}
