package msgpack

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// This file tests what only generated code of some schemas calls.

// roundTrip writes a value, reads it back and returns its bytes.
func roundTrip[T any, C Coder[T]](t *testing.T, c C, want T) []byte {
	t.Helper()
	b, err := c.Append(nil, &want)
	if err != nil {
		t.Fatal(err)
	}
	if size := c.Size(&want); len(b) > size {
		t.Errorf("Size is %d, the value has %d bytes", size, len(b))
	}
	var got T
	rest, err := c.Read(append(slices.Clone(b), 7), &got)
	if err != nil || len(rest) != 1 {
		t.Fatalf("Read leaves %x: %v", rest, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	return b
}

func TestStructsUseTheirOwnSerializers(t *testing.T) {
	t.Parallel()
	v := msgp.Raw{0x01}
	if b := roundTrip(t, StructOf[msgp.Raw](), v); string(b) != "\x01" {
		t.Errorf("the bytes are %x", b)
	}
	if StructOf[msgp.Raw]().Absent(&v) {
		t.Error("a struct is absent")
	}
}

func TestNullIsAValue(t *testing.T) {
	t.Parallel()
	if b := roundTrip(t, Null{}, codec.Null{}); string(b) != "\xc0" {
		t.Errorf("null is %x", b)
	}
	if (Null{}).Absent(nil) {
		t.Error("null is absent")
	}
	if _, err := (Null{}).Read([]byte{1}, nil); err == nil {
		t.Error("1 is read as null")
	}
}

func TestInterfacesAreNilForNull(t *testing.T) {
	t.Parallel()
	c := InterfaceOf(PointerOf(Int[int]{}))
	for _, test := range []struct {
		value *int
		bytes string
	}{{nil, "\xc0"}, {new(5), "\x05"}} {
		if b := roundTrip(t, c, test.value); string(b) != test.bytes {
			t.Errorf("the bytes are %x, want %x", b, test.bytes)
		}
		if c.Absent(&test.value) != (test.value == nil) {
			t.Errorf("Absent of %v is wrong", test.value)
		}
	}
}

func TestDurationsAreCountedInUnits(t *testing.T) {
	t.Parallel()
	c := Duration(time.Second)
	if b := roundTrip(t, c, 5*time.Second); string(b) != "\x05" {
		t.Errorf("5 seconds are %x", b)
	}
	odd, none := 1500*time.Millisecond, time.Duration(0)
	if _, err := c.Append(nil, &odd); !errors.Is(err, codec.ErrValue) {
		t.Errorf("1.5 seconds in seconds: %v", err)
	}
	if _, err := c.Read(msgp.AppendInt64(nil, 1<<40), &odd); !errors.Is(err, codec.ErrRange) {
		t.Errorf("more than a duration holds: %v", err)
	}
	if !c.Absent(&none) || c.Absent(&odd) {
		t.Error("only 0 is absent")
	}
}

func TestOnlyNilIsAbsentWhereEmptyIsAValue(t *testing.T) {
	t.Parallel()
	list, object, bytes := []int{}, map[string]int{}, []byte{}
	slice, m, b := NilSliceOf(Int[int]{}), NilMapOf(Int[int]{}), NilBytes[[]byte]{}
	roundTrip(t, slice, list)
	roundTrip(t, m, object)
	roundTrip(t, b, bytes)
	if slice.Absent(&list) || m.Absent(&object) || b.Absent(&bytes) {
		t.Error("an empty value is absent")
	}
	list, object, bytes = nil, nil, nil
	if !slice.Absent(&list) || !m.Absent(&object) || !b.Absent(&bytes) {
		t.Error("nil is not absent")
	}
}

func TestEmptyStringIsRefusedWhereItIsNoValue(t *testing.T) {
	t.Parallel()
	c := NonEmptyString[string]{}
	roundTrip(t, c, "a")
	var v string
	if _, err := c.Read(msgp.AppendString(nil, ""), &v); !errors.Is(err, codec.ErrValue) {
		t.Errorf("the error is %v", err)
	}
}

func TestMembersAreAppendedInTheOrderOfTheirKeys(t *testing.T) {
	t.Parallel()
	want := map[string]int{"b": 2, "a": 1}
	b, err := AppendMembers(nil, want, Int[int]{})
	if err != nil || string(b) != "\xa1a\x01\xa1b\x02" {
		t.Fatalf("%x, %v", b, err)
	}
	if size := MembersSize(want, Int[int]{}); len(b) > size {
		t.Errorf("MembersSize is %d, they have %d bytes", size, len(b))
	}
	var got map[string]int
	for len(b) > 0 {
		key, rest, err := msgp.ReadStringBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = ReadMember(rest, key, &got, Int[int]{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := ReadMember(nil, "a", &got, Int[int]{}); err == nil {
		t.Error("a member without a value is read")
	}
}

func TestRequireNamesTheMissingMember(t *testing.T) {
	t.Parallel()
	if err := Require([]bool{true, true}, "a", "b"); err != nil {
		t.Error(err)
	}
	err := Require([]bool{true, false}, "a", "b")
	if missing, ok := errors.AsType[*codec.Error](err); !ok || !errors.Is(err, codec.ErrMissing) || missing.Detail != "b" {
		t.Errorf("the error is %v", err)
	}
}

func TestConstantsAreWrittenInTypesOfMsgpack(t *testing.T) {
	t.Parallel()
	for constant, want := range map[Const]string{
		`"circle"`: "\xa6circle", `7`: "\x07", `true`: "\xc3", `null`: "\xc0", `1.5`: "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00",
		`18446744073709551615`: "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", `[1,{"a":null}]`: "\x92\x01\x81\xa1a\xc0",
	} {
		b, err := constant.MarshalMsg(nil)
		if err != nil || string(b) != want {
			t.Errorf("%s is %x, %v; want %x", constant, b, err, want)
		}
		if constant[0] != '[' && len(b) > constant.Msgsize() {
			t.Errorf("Msgsize of %s is %d, it has %d bytes", constant, constant.Msgsize(), len(b))
		}
	}
	if _, err := AppendJSON(nil, []byte(`1e999`)); !errors.Is(err, codec.ErrRange) {
		t.Errorf("the error of 1e999 is %v", err)
	}
	if _, err := AppendJSON(nil, []byte(`{]`)); !errors.Is(err, codec.ErrSyntax) {
		t.Errorf("the error of {] is %v", err)
	}
}

func TestTagIsAMemberOfAMap(t *testing.T) {
	t.Parallel()
	b, err := AppendJSON(nil, []byte(`{"n":[1],"kind":"circle"}`))
	if err != nil {
		t.Fatal(err)
	}
	if tag, err := Tag(b, "kind"); tag != "circle" || err != nil {
		t.Errorf("the tag is %q, %v", tag, err)
	}
	if _, err := Tag(b, "type"); !errors.Is(err, codec.ErrMissing) {
		t.Errorf("without the member: %v", err)
	}
	if _, err := Tag([]byte{1}, "kind"); err == nil {
		t.Error("a number has a tag")
	}
}

// TestDeepValuesAreNotTriedAsEveryVariant: each level would multiply the trials.
func TestDeepValuesAreNotTriedAsEveryVariant(t *testing.T) {
	t.Parallel()
	shallow, err := AppendJSON(nil, []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	deep, err := AppendJSON(nil, []byte(`{"a":[[[[[[[[1]]]]]]]]}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		in            []byte
		trials, scans int
	}{"shallow": {shallow, 2, 0}, "deep": {deep, 0, 1}} {
		trials, scans := 0, 0
		read := func(b []byte) (int, []byte, error) {
			trials++
			rest, err := msgp.Skip(b)
			return 1, rest, errors.Join(err, errors.New("another variant"))
		}
		scan := func(s *codec.Scanner, _ *int) { scans++; s.Skip() }
		choice := Choice[int]{[]string{"a"}, read}
		_, _, err := ChooseDeep(test.in, false, scan, choice, choice)
		if (err == nil) != (test.scans > 0) || trials != test.trials || scans != test.scans {
			t.Errorf("%s: %d trials, %d scans, want %d and %d; %v", name, trials, scans, test.trials, test.scans, err)
		}
	}
}

func TestUntypedValuesHaveASizeAndMayBeAbsent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`null`, `1`, `"ß"`, `[1,{"a":[true,1.5]}]`} {
		raw, anything := json.RawMessage(text), any(json.RawMessage(text))
		roundTrip(t, Native{}, raw)
		roundTrip(t, NativeAny{}, anything)
		if (Native{}).Absent(&raw) || (NativeAny{}).Absent(&anything) {
			t.Errorf("%s is absent", text)
		}
	}
	var raw json.RawMessage
	var anything any
	if !(Native{}).Absent(&raw) || !(NativeAny{}).Absent(&anything) {
		t.Error("nil is not absent")
	}
}

func TestZeroAndNullAreRefusedWhereTheyAreNotValid(t *testing.T) {
	t.Parallel()
	var n int
	if _, err := (NonZeroInt[int]{}).Read([]byte{0}, &n); !errors.Is(err, codec.ErrValue) {
		t.Errorf("0: %v", err)
	}
	if _, err := (NonZeroInt[int]{}).Read([]byte{5}, &n); err != nil || n != 5 {
		t.Errorf("5 is read as %d, %v", n, err)
	}
	present := PresentOf(NonZeroInt[int]{})
	var p *int
	if _, err := present.Read([]byte{0xc0}, &p); !errors.Is(err, codec.ErrType) {
		t.Errorf("null: %v", err)
	}
	if _, err := present.Read([]byte{5}, &p); err != nil || p == nil || *p != 5 {
		t.Errorf("5 is read as %v, %v", p, err)
	}
}

func TestAssertionsSeeTheValueAsJSON(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	var seen string
	check := func(text []byte) error { seen = string(text); return refused }
	if err := CheckJSON([]byte("\x81\xa1a\x01"), check); !errors.Is(err, refused) || seen != `{"a":1}` {
		t.Errorf("%s: %v", seen, err)
	}
	if err := CheckJSON([]byte{0x81}, check); err != nil {
		t.Errorf("a value that cannot be read: %v", err)
	}
}

func TestOnlyExpectedKindsPass(t *testing.T) {
	t.Parallel()
	for kind, b := range map[codec.Kind]string{
		codec.KindNull: "\xc0", codec.KindBool: "\xc3", codec.KindString: "\xa1a", codec.KindNumber: "\xca\x00\x00\x00\x00",
		codec.KindArray: "\x90", codec.KindObject: "\x80", codec.KindInvalid: "\xc1",
	} {
		for expected := range codec.KindObject + 1 {
			if err := Expect([]byte(b), expected); (err == nil) != (kind == expected) {
				t.Errorf("%s where %s is expected: %v", kind, expected, err)
			}
		}
	}
	if err := Expect([]byte{1}, codec.KindNull, codec.KindNumber); err != nil {
		t.Errorf("1 where null or a number is expected: %v", err)
	}
}
