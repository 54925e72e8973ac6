package main

import (
	"bufio"
	"os"
)

// watchStdin ends the process when stdin closes, so that peers do not outlive
// the program that started them, however that program ends.
func watchStdin(reports bool) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		switch {
		case !reports:
		case lines.Text() == "report":
			report()
		case lines.Text() == "cpu":
			emit(cpuEvent{Event: "cpu", CPUSeconds: cpuSeconds()})
		}
	}
	os.Exit(0)
}
