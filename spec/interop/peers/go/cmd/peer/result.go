package main

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"time"
)

// result is what a finished piece of work tells. Control bytes are not part of
// the counts and hashes.
type result struct {
	BytesSent      uint64  `json:"bytesSent"`
	BytesReceived  uint64  `json:"bytesReceived"`
	SentSha256     string  `json:"sentSha256"`
	ReceivedSha256 string  `json:"receivedSha256"`
	Seconds        float64 `json:"seconds"`
	CPUSeconds     float64 `json:"cpuSeconds"`
	*pingStats
	*openStats
	*connectStats
}

// tally counts and, if asked to, hashes the bytes of one direction.
type tally struct {
	bytes uint64
	hash  hash.Hash
}

func newTally(opt *options) *tally {
	t := &tally{}
	if opt.sha {
		t.hash = sha256.New()
	}
	return t
}

func (t *tally) add(p []byte) {
	t.bytes += uint64(len(p))
	if t.hash != nil {
		t.hash.Write(p)
	}
}

// sum is empty without hashing and for a direction that carried nothing.
func (t *tally) sum() string {
	if t.hash == nil || t.bytes == 0 {
		return ""
	}
	return hex.EncodeToString(t.hash.Sum(nil))
}

// stopwatch measures wall time and the CPU time of the process.
type stopwatch struct {
	began time.Time
	cpu   float64
}

func startWatch() stopwatch { return stopwatch{time.Now(), cpuSeconds()} }

// result stops the watch; it comes first because the final hashes take time.
func (w stopwatch) result(sent, received *tally) *result {
	res := &result{
		Seconds:    time.Since(w.began).Seconds(),
		CPUSeconds: cpuSeconds() - w.cpu,
	}
	if sent != nil {
		res.BytesSent, res.SentSha256 = sent.bytes, sent.sum()
	}
	if received != nil {
		res.BytesReceived, res.ReceivedSha256 = received.bytes, received.sum()
	}
	return res
}
