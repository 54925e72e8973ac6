// Command flush times a flush of kcp-go's control block that finds nothing to
// do: kcp-go's own BenchmarkFlush (kcp_test.go), as a program.
package main

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/xtaci/kcp-go/v5"
)

const (
	conv = 1
	mss  = kcp.IKCP_MTU_DEF - kcp.IKCP_OVERHEAD
	// batch is how many flushes go between two looks at the clock.
	batch = 256
	// slowAck is the age in ms of the acknowledgement that sets the RTO: to its
	// maximum of a minute, so that nothing is due while the program runs.
	slowAck = 30_000
)

// Sessions call flush directly; it is not exported.
//
//go:linkname kcpFlush github.com/xtaci/kcp-go/v5.(*KCP).flush
func kcpFlush(k *kcp.KCP, kind kcp.FlushType) uint32

//go:linkname kcpCurrentMs github.com/xtaci/kcp-go/v5.currentMs
func kcpCurrentMs() uint32

type doneEvent struct {
	Event      string  `json:"event"`
	Flushes    int     `json:"flushes"`
	NsPerFlush float64 `json:"nsPerFlush"`
}

func main() {
	segments := flag.Int("segments", 1024, "segments in flight")
	seconds := flag.Float64("seconds", 1, "how long to measure, at most 30")
	flag.Parse()
	if flag.NArg() > 0 || *segments < 1 || *segments > 65535 || *seconds <= 0 || *seconds > 30 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*segments, time.Duration(*seconds*float64(time.Second))); err != nil {
		fmt.Fprintln(os.Stderr, "flush:", err)
		os.Exit(1)
	}
}

func run(segments int, duration time.Duration) error {
	packets := 0
	block := kcp.NewKCP(conv, func([]byte, int) { packets++ })
	block.NoDelay(1, 10, 2, 1)
	block.WndSize(segments, segments)
	// The peer has room for everything, and is far away.
	block.Input(control(kcp.IKCP_CMD_ACK, segments, kcpCurrentMs()-slowAck), kcp.IKCP_PACKET_REGULAR, false)
	message := make([]byte, mss)
	for range segments {
		block.Send(message)
	}
	kcpFlush(block, kcp.IKCP_FLUSH_FULL)
	if packets != segments {
		return fmt.Errorf("%d packets instead of %d are in flight", packets, segments)
	}

	measure(block, duration/5)
	flushes, took := measure(block, duration)
	if packets != segments {
		return fmt.Errorf("%d packets were due", packets-segments)
	}
	return json.NewEncoder(os.Stdout).Encode(doneEvent{"done", flushes, float64(took.Nanoseconds()) / float64(flushes)})
}

func measure(block *kcp.KCP, duration time.Duration) (flushes int, took time.Duration) {
	start := time.Now()
	for took < duration {
		for range batch {
			kcpFlush(block, kcp.IKCP_FLUSH_FULL)
		}
		flushes += batch
		took = time.Since(start)
	}
	return flushes, took
}

// control is a packet without data, see kcp.go, segment.encode.
func control(cmd byte, window int, ts uint32) []byte {
	packet := make([]byte, kcp.IKCP_OVERHEAD)
	binary.LittleEndian.PutUint32(packet, conv)
	packet[4] = cmd
	binary.LittleEndian.PutUint16(packet[6:], uint16(window))
	binary.LittleEndian.PutUint32(packet[8:], ts)
	return packet
}
