package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
)

// Order is the input of a workflow, and Shipment its output.
type Order struct {
	ID string `json:"id"`
}

type Shipment struct {
	Status string `json:"status"`
}

// orderPipeline says once what a workflow is called, takes and returns.
var orderPipeline = client.NewFlow[Order, Shipment]("order-pipeline", client.WithRunKey("id"))

// The compiler checks the input, the output is decoded, and a run that has failed is an error.
func ExampleNewFlow() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	run, err := orderPipeline.Run(ctx, c, Order{ID: "order-1"})
	if err != nil {
		log.Fatal(err)
	}
	shipment, err := run.Wait(ctx)
	if failed, ok := errors.AsType[*client.RunError](err); ok {
		log.Fatal("the order was not shipped: ", failed.Run.Error)
	} else if err != nil {
		log.Fatal(err)
	}
	fmt.Println(shipment.Status)
	// Output: shipped
}
