//go:build unix

package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func usage() syscall.Rusage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u
}

// cpuSeconds is the user and system time of the process so far.
func cpuSeconds() float64 {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// rssKiB is the resident memory now, 0 where the system does not tell.
func rssKiB() int64 { return procStatus("VmRSS:") }

// maxRssKiB is the most resident memory so far. Linux carries the maximum of
// getrusage over from the program that started this one, so /proc is better.
func maxRssKiB() int64 {
	if kib := procStatus("VmHWM:"); kib > 0 {
		return kib
	}
	u := usage()
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss) / 1024 // bytes there, KiB elsewhere
	}
	return int64(u.Maxrss)
}

func procStatus(name string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "\n"+name)
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib
}
