// Command fec times forward error correction: the Reed-Solomon codec of kcp-go
// for whole groups, and kcp-go's own BenchmarkFECEncode and BenchmarkFECDecode
// (fec_test.go), as a program.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	mathrand "math/rand"
	"os"
	"time"
	"unsafe" // also for go:linkname

	"github.com/klauspost/reedsolomon"
	_ "github.com/xtaci/kcp-go/v5"
)

const (
	// payload is the bytes of a packet in the benchmarks, and here of a shard: as
	// many as every version takes.
	payload    = 1472
	typeData   = 0xf1
	typeParity = 0xf2
	// rto is what the benchmarks encode with, in ms.
	rto = 200
	// batch is how many operations go between two looks at the clock.
	batch = 32
)

// Neither encoder nor decoder is exported; a fecPacket is a []byte.

//go:linkname newFECEncoder github.com/xtaci/kcp-go/v5.newFECEncoder
func newFECEncoder(data, parity, offset int) unsafe.Pointer

//go:linkname fecEncode github.com/xtaci/kcp-go/v5.(*fecEncoder).encode
func fecEncode(encoder unsafe.Pointer, packet []byte, rto uint32) [][]byte

//go:linkname newFECDecoder github.com/xtaci/kcp-go/v5.newFECDecoder
func newFECDecoder(data, parity int) unsafe.Pointer

//go:linkname fecDecode github.com/xtaci/kcp-go/v5.(*fecDecoder).decode
func fecDecode(decoder unsafe.Pointer, packet []byte) [][]byte

// doneEvent has the time of one group of the codec: NsOne is to rebuild one
// data shard, Ns as many as there is parity for (or to encode). NsPacket is
// that of one packet of kcp-go's benchmark.
type doneEvent struct {
	Event    string  `json:"event"`
	Bytes    int     `json:"bytes"`
	Ns       float64 `json:"ns"`
	NsOne    float64 `json:"nsOne,omitempty"`
	NsPacket float64 `json:"nsPacket"`
}

func main() {
	what := flag.String("of", "", "encode or decode")
	data := flag.Int("data", 10, "data shards")
	parity := flag.Int("parity", 3, "parity shards")
	seconds := flag.Float64("seconds", 0.5, "how long to measure each figure, at most 30")
	flag.Parse()
	if flag.NArg() > 0 || *seconds <= 0 || *seconds > 30 {
		flag.Usage()
		os.Exit(2)
	}
	done, err := run(*what, *data, *parity, time.Duration(*seconds*float64(time.Second)))
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(done)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fec:", err)
		os.Exit(1)
	}
}

func run(what string, data, parity int, duration time.Duration) (doneEvent, error) {
	done := doneEvent{Event: "done", Bytes: data * payload}
	if data+parity > 256 {
		return done, fmt.Errorf("%d shards are too many", data+parity)
	}
	codec, err := reedsolomon.New(data, parity)
	if err != nil {
		return done, err
	}
	shards := make([][]byte, data+parity)
	for i := range shards {
		shards[i] = make([]byte, payload)
		if i < data {
			rand.Read(shards[i])
		}
	}
	if err := codec.Encode(shards); err != nil {
		return done, err
	}
	switch what {
	case "encode":
		done.Ns = measure(duration, func() { codec.Encode(shards) })
		done.NsPacket = timeEncoder(data, parity, duration)
	case "decode":
		done.Ns, err = timeReconstruct(codec, shards, min(data, parity), duration)
		if err == nil {
			done.NsOne, err = timeReconstruct(codec, shards, 1, duration)
		}
		done.NsPacket = timeDecoder(data, parity, duration)
	default:
		err = fmt.Errorf("there is no %q to time", what)
	}
	return done, err
}

// timeReconstruct loses the first data shards. They are rebuilt in the memory
// they had, as kcp-go has it done in buffers of its pool.
func timeReconstruct(codec reedsolomon.Encoder, shards [][]byte, lost int, duration time.Duration) (float64, error) {
	before := bytes.Clone(shards[lost-1])
	ns := measure(duration, func() {
		for i := range lost {
			shards[i] = shards[i][:0]
		}
		codec.ReconstructData(shards)
	})
	if !bytes.Equal(shards[lost-1], before) {
		return 0, fmt.Errorf("what was rebuilt is not what was lost")
	}
	return ns, nil
}

// timeEncoder is BenchmarkFECEncode.
func timeEncoder(data, parity int, duration time.Duration) float64 {
	encoder := newFECEncoder(data, parity, 0)
	return measure(duration, func() {
		packet := make([]byte, payload)
		fecEncode(encoder, packet, rto)
	})
}

// timeDecoder is BenchmarkFECDecode: lost packets count, as there.
func timeDecoder(data, parity int, duration time.Duration) float64 {
	decoder := newFECDecoder(data, parity)
	group := data + parity
	seqid := -1
	return measure(duration, func() {
		seqid++
		if mathrand.Int()%group == 0 {
			return
		}
		packet := make([]byte, payload)
		binary.LittleEndian.PutUint32(packet, uint32(seqid))
		kind := uint16(typeData)
		if seqid%group >= data {
			kind = typeParity
		}
		binary.LittleEndian.PutUint16(packet[4:], kind)
		fecDecode(decoder, packet)
	})
}

// measure is the time of one call in ns, after a fifth of the duration to warm
// up.
func measure(duration time.Duration, operation func()) float64 {
	loop(duration/5, operation)
	return loop(duration, operation)
}

func loop(duration time.Duration, operation func()) float64 {
	calls, took := 0, time.Duration(0)
	for start := time.Now(); took < duration; took = time.Since(start) {
		for range batch {
			operation()
		}
		calls += batch
	}
	return float64(took.Nanoseconds()) / float64(calls)
}
