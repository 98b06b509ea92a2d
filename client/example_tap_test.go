package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
)

// A recording: a frame a line, without the token.
func ExampleWithFrameTap() {
	var file bytes.Buffer
	lines := json.NewEncoder(&file)
	c, _, done := connectTo(client.WithFrameTap(func(f client.Frame) {
		if err := lines.Encode(f); err != nil {
			log.Print(err)
		}
	}))
	if _, err := c.Stats(context.Background()); err != nil {
		log.Print(err)
	}
	done() // closes the client, which waits for the tap

	for in := json.NewDecoder(&file); in.More(); {
		var f client.Frame
		if err := in.Decode(&f); err != nil {
			log.Fatal(err)
		}
		fmt.Println(f.Direction, f.Type)
	}
	// Output:
	// send request
	// recv response
	// send event
	// send request
	// recv response
}
