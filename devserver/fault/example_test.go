package fault_test

import (
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
)

// A fault that is typed at a prompt is the same value as one that is written in Go.
func ExampleParse() {
	typed, err := fault.Parse("cut:after=job.enqueue:nth=2")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(typed)
	fmt.Println(fault.Cut(fault.Replies(client.MethodJobEnqueue).Nth(2)))

	_, err = fault.Parse("drop:evnts:every=10")
	fmt.Println(err)
	// Output:
	// cut:after=job.enqueue:skip=1:first=1
	// cut:after=job.enqueue:skip=1:first=1
	// fault: "drop:evnts:every=10": "evnts" is not known here
}
