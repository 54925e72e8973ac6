package main

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"sync/atomic"

	"github.com/xtaci/kcp-go/v5"
)

// newest is the session dialled or accepted last.
var newest atomic.Pointer[kcp.UDPSession]

// begin is closed by the line that ends the waiting of -hold.
var begin = make(chan struct{})

// watchStdin carries out commands, those that flags allow. It ends the process
// when stdin closes, so that peers do not outlive the program that started
// them, however that program ends.
func watchStdin(opt *options) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, argument, _ := strings.Cut(lines.Text(), " ")
		switch {
		case command == "report" && opt.idleReport:
			report()
		case command == "cpu" && opt.idleReport:
			emit(cpuEvent{Event: "cpu", CPUSeconds: cpuSeconds()})
		case command == "begin" && opt.hold:
			close(begin)
		case command == "oob" && opt.oob:
			toNewest(sendOutOfBand, argument)
		case command == "fec" && opt.fec.data > 0:
			toNewest(changeShape, argument)
		}
	}
	os.Exit(0)
}

func toNewest(do func(sess *kcp.UDPSession, argument string) error, argument string) {
	sess := newest.Load()
	err := errors.New("there is no session yet")
	if sess != nil {
		err = do(sess, argument)
	}
	if err != nil {
		emitError(nil, err)
	}
}
