package main

import (
	"encoding/json"
	"os"
	"sync"

	"github.com/xtaci/kcp-go/v5"
)

const (
	exitFailed  = 1
	exitUsage   = 2
	exitTimeout = 3
)

type listeningEvent struct {
	Event string `json:"event"`
	Port  int    `json:"port"`
}

type acceptedEvent struct {
	Event  string `json:"event"`
	Remote string `json:"remote"`
	Conv   uint32 `json:"conv"`
}

// holdingEvent says that a session is there and waits for "begin".
type holdingEvent struct {
	Event string `json:"event"`
	Conv  uint32 `json:"conv"`
}

// doneEvent reports finished work. Its conv is absent when the work is not that
// of one session; a pointer, because 0 is a valid conv.
type doneEvent struct {
	Event string  `json:"event"`
	Work  string  `json:"work"`
	Conv  *uint32 `json:"conv,omitempty"`
	result
	MaxRssKiB int64     `json:"maxRssKiB"`
	Snmp      *kcp.Snmp `json:"snmp"`
}

type reportEvent struct {
	Event            string    `json:"event"`
	Sessions         int64     `json:"sessions"`
	CPUSeconds       float64   `json:"cpuSeconds"`
	ReportCPUSeconds float64   `json:"reportCpuSeconds"`
	RssKiB           int64     `json:"rssKiB"`
	Snmp             *kcp.Snmp `json:"snmp"`
}

type cpuEvent struct {
	Event      string  `json:"event"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

type oobEvent struct {
	Event   string `json:"event"`
	Conv    uint32 `json:"conv"`
	Payload string `json:"payload"` // hex
}

// oobSentEvent answers a line "oob". Its error is kcp-go's, empty if there was
// none.
type oobSentEvent struct {
	Event string `json:"event"`
	Max   int    `json:"max"`
	Error string `json:"error"`
}

type fecEvent struct {
	Event string `json:"event"`
}

type errorEvent struct {
	Event   string  `json:"event"`
	Message string  `json:"message"`
	Conv    *uint32 `json:"conv,omitempty"`
}

var stdout sync.Mutex

// emit writes one line. It is not buffered: the reader acts on each line, and
// the process may exit right after it.
func emit(event any) {
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	stdout.Lock()
	defer stdout.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

func emitDone(work string, conv *uint32, res *result) {
	emit(doneEvent{
		Event:     "done",
		Work:      work,
		Conv:      conv,
		result:    *res,
		MaxRssKiB: maxRssKiB(),
		Snmp:      kcp.DefaultSnmp.Copy(),
	})
}

func emitError(conv *uint32, err error) {
	emit(errorEvent{Event: "error", Message: err.Error(), Conv: conv})
}

func fatal(code int, err error) {
	emitError(nil, err)
	os.Exit(code)
}
