package codec_test

import (
	"errors"
	"fmt"

	"github.com/xraph/dispatch/codec"
)

// A Scanner reads values of the types that are expected, and skips what is not known.
func ExampleScanner() {
	var name string
	var sizes []int
	s := codec.NewScanner([]byte(`{"name":"disk","more":{"a":[1]},"sizes":[1,2.0,3e1]}`))
	s.Object()
	for s.Member() {
		switch string(s.Key()) {
		case "name":
			codec.ScanString(&s, &name)
		case "sizes":
			codec.ScanList(&s, &sizes, codec.ScanInt[int])
		default:
			s.Skip()
		}
	}
	fmt.Println(name, sizes, s.End())
	// Output: disk [1 2 30] <nil>
}

// An error says what is wrong, and where.
func ExampleError() {
	var sizes []int8
	s := codec.NewScanner([]byte(`[1,2,300]`))
	codec.ScanList(&s, &sizes, codec.ScanInt[int8])
	err := s.End()
	fmt.Println(err)
	fmt.Println(errors.Is(err, codec.ErrRange))
	if where, ok := errors.AsType[*codec.Error](err); ok {
		fmt.Println(where.Pointer)
	}
	// Output:
	// out of range: the integer 300 at /2 (offset 5)
	// true
	// /2
}

// The Append functions write what json.Marshal would.
func ExampleAppendString() {
	fmt.Printf("%s\n", codec.AppendString([]byte(`"name":`), "a<b \"c\"\n"))
	// Output: "name":"a\u003cb \"c\"\n"
}

// An Optional distinguishes a member that is absent from one that is null.
func ExampleOptional() {
	for _, o := range []codec.Optional[int]{{}, codec.NullOf[int](), codec.Some(5)} {
		v, ok := o.Get()
		fmt.Println(o.IsZero(), o.IsNull(), v, ok)
	}
	// Output:
	// true false 0 false
	// false true 0 false
	// false false 5 true
}
