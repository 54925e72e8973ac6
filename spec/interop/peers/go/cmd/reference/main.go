// Command reference drives kcp-go's control block (type KCP, below its
// sessions and sockets) from standard input on a virtual clock, so that a
// second implementation can be compared with it packet by packet.
package main

import (
	"fmt"
	"os"
)

func main() {
	// Package testing would take arguments as its own flags.
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "usage: reference < operations > replies")
		os.Exit(2)
	}
	withFrozenClock(func() int {
		if err := serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "reference:", err)
			return 1
		}
		return 0
	})
}
