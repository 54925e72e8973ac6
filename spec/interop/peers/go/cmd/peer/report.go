package main

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/xtaci/kcp-go/v5"
)

// openSessions counts the sessions whose work has not failed. Finished ones
// count, since they stay open.
var openSessions atomic.Int64

// report tells what the process costs now. Garbage is collected first: without
// that, memory depends on when the last collection happened to run. Collecting
// costs CPU time of its own, which is told apart so that the difference of two
// reports can be corrected by it.
func report() {
	cpu := cpuSeconds()
	runtime.GC()
	debug.FreeOSMemory()
	emit(reportEvent{
		Event:            "report",
		Sessions:         openSessions.Load(),
		CPUSeconds:       cpu,
		ReportCPUSeconds: cpuSeconds() - cpu,
		RssKiB:           rssKiB(),
		Snmp:             kcp.DefaultSnmp.Copy(),
	})
}
