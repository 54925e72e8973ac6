package main

import (
	"bufio"
	"os"
	"strings"
)

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
			sendOutOfBand(argument)
		case command == "fec" && opt.fec.data > 0:
			changeShape(argument)
		}
	}
	os.Exit(0)
}
