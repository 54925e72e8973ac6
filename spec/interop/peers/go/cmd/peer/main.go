// Command peer is one end of a KCP conversation run by kcp-go itself: the other
// side of interop tests and the yardstick of benchmarks. It reports in JSON
// lines on standard output and ends when its standard input closes.
package main

import (
	"errors"
	"flag"
	"os"
)

func main() {
	opt, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fatal(exitUsage, err)
	}
	life := newLifetime(opt.timeout)
	go watchStdin(opt)
	if opt.role == "server" {
		err = runServer(opt, life)
	} else {
		err = runClient(opt, life)
	}
	if err != nil {
		fatal(exitFailed, err)
	}
	select {} // life or the end of stdin ends the process
}
