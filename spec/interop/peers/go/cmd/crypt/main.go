// Command crypt times kcp-go's ciphers, its checksum and its source of nonces:
// the benchmarks of crypt_test.go and entropy_test.go, as a program.
package main

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"

	"github.com/xtaci/kcp-go/v5"

	"rxkcp/peers/internal/ciphers"
)

// crcSize is what BenchmarkCRC32 sums up, nonceSize what BenchmarkCsprngAES128
// draws.
const (
	crcSize   = 1024
	nonceSize = 16
)

// doneEvent has the time of one operation. For a cipher that is to encrypt and
// to decrypt a datagram of 1472 bytes; NsSealed is the same with all that a
// session does besides: nonce and checksum.
type doneEvent struct {
	Event    string  `json:"event"`
	Bytes    int     `json:"bytes"` // each way
	Ns       float64 `json:"ns"`
	NsSealed float64 `json:"nsSealed,omitempty"`
}

func main() {
	what := flag.String("of", "", "a cipher, by kcptun's name, or crc32 or nonce")
	seconds := flag.Float64("seconds", 0.5, "how long to measure each figure, at most 30")
	flag.Parse()
	if flag.NArg() > 0 || *seconds <= 0 || *seconds > 30 {
		flag.Usage()
		os.Exit(2)
	}
	done, err := run(*what, time.Duration(*seconds*float64(time.Second)))
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(done)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "crypt:", err)
		os.Exit(1)
	}
}

func run(what string, duration time.Duration) (doneEvent, error) {
	switch what {
	case "crc32":
		content := make([]byte, crcSize)
		ns := measure(duration, func() { sum = crc32.ChecksumIEEE(content) })
		return doneEvent{Event: "done", Bytes: crcSize, Ns: ns}, nil
	case "nonce":
		source, nonce := kcp.NewEntropy(), make([]byte, nonceSize)
		ns := measure(duration, func() { io.ReadFull(source, nonce) })
		return doneEvent{Event: "done", Bytes: nonceSize, Ns: ns}, nil
	default:
		return timeCipher(what, duration)
	}
}

// sum keeps the checksum from being left out.
var sum uint32

func timeCipher(name string, duration time.Duration) (doneEvent, error) {
	length, err := ciphers.KeyLength(name)
	if err != nil {
		return doneEvent{}, err
	}
	key := make([]byte, length)
	rand.Read(key)
	block, err := ciphers.New(name, key)
	if err != nil {
		return doneEvent{}, err
	}
	done := doneEvent{Event: "done", Bytes: ciphers.MTULimit}
	if aead, ok := block.(cipher.AEAD); ok {
		done.Ns, err = timeAEAD(aead, duration)
	} else {
		done.Ns, err = timeBlock(block, duration)
	}
	if err == nil {
		done.NsSealed, err = timeSealed(block, duration)
	}
	return done, err
}

// timeBlock is benchCrypt of crypt_test.go.
func timeBlock(block kcp.BlockCrypt, duration time.Duration) (float64, error) {
	data := make([]byte, ciphers.MTULimit)
	rand.Read(data)
	dec := make([]byte, ciphers.MTULimit)
	enc := make([]byte, ciphers.MTULimit)
	ns := measure(duration, func() {
		block.Encrypt(enc, data)
		block.Decrypt(dec, enc)
	})
	return ns, same(dec, data)
}

// timeAEAD is testAEAD of crypt_test.go in a loop: the benchmarks there only
// seal. In place, as sessions do it.
func timeAEAD(aead cipher.AEAD, duration time.Duration) (float64, error) {
	buf := make([]byte, ciphers.MTULimit)
	nonce, rest := buf[:aead.NonceSize()], buf[aead.NonceSize():]
	packet := rest[:len(rest)-aead.Overhead()]
	rand.Read(buf)
	before := bytes.Clone(packet)
	var failed error
	ns := measure(duration, func() {
		sealed := aead.Seal(packet[:0], nonce, packet, nil)
		if _, err := aead.Open(sealed[:0], nonce, sealed, nil); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return 0, failed
	}
	return ns, same(packet, before)
}

func timeSealed(block kcp.BlockCrypt, duration time.Duration) (float64, error) {
	source := kcp.NewEntropy()
	buf := make([]byte, ciphers.MTULimit)
	rand.Read(buf)
	length := ciphers.MTULimit - ciphers.Overhead(block)
	unsealed := buf[:ciphers.HeaderSize(block)+length]
	packet := unsealed[ciphers.HeaderSize(block):]
	before := bytes.Clone(packet)
	nonce := buf[:ciphers.NonceSize(block)]
	intact := true
	ns := measure(duration, func() {
		io.ReadFull(source, nonce)
		_, ok := ciphers.Open(block, ciphers.Seal(block, unsealed))
		intact = intact && ok
	})
	if !intact {
		return 0, fmt.Errorf("a datagram was not opened")
	}
	return ns, same(packet, before)
}

func same(opened, packet []byte) error {
	if !bytes.Equal(opened, packet) {
		return fmt.Errorf("what was opened is not what was sealed")
	}
	return nil
}

// measure is the time of one call in ns, after a fifth of the duration to warm
// up.
func measure(duration time.Duration, operation func()) float64 {
	loop(duration/5, operation)
	return loop(duration, operation)
}

func loop(duration time.Duration, operation func()) float64 {
	// batch is how many calls go between two looks at the clock.
	const batch = 256
	calls, took := 0, time.Duration(0)
	for start := time.Now(); took < duration; took = time.Since(start) {
		for range batch {
			operation()
		}
		calls += batch
	}
	return float64(took.Nanoseconds()) / float64(calls)
}
