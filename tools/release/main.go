// Command release tags a version of the root module and of the nested modules that go.work joins
// with it, in the repository of the working directory's parent:
//
//	make release VERSION=v1.2.3
//
// It checks the version, the branch, the work tree and CHANGELOG.md, tags the root, sets the
// version in the nested modules and in go.work, commits that, and tags the nested modules. It
// pushes nothing, needs no network, and undoes everything if a step fails.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: release VERSION")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	tags, err := release(ctx, "..", os.Args[1])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
	fmt.Print("Tagged. To publish it:\n\n    git push --atomic origin main")
	for _, tag := range tags {
		fmt.Print(" ", tag)
	}
	fmt.Println()
}
