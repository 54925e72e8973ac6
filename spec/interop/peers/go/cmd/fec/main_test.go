package main

import (
	"encoding/binary"
	"testing"
	"time"
)

func TestEverythingIsTimed(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {3, 1}, {10, 3}, {2, 5}} {
		for _, what := range []string{"encode", "decode"} {
			done, err := run(what, shape[0], shape[1], time.Millisecond)
			if err != nil {
				t.Errorf("%s %v: %v", what, shape, err)
			}
			if done.Bytes != shape[0]*payload || done.Ns <= 0 || done.NsPacket <= 0 || (what == "decode") != (done.NsOne > 0) {
				t.Errorf("%s %v: %+v", what, shape, done)
			}
		}
	}
	if _, err := run("code", 10, 3, time.Millisecond); err == nil {
		t.Error("there is something else")
	}
	if _, err := run("encode", 200, 100, time.Millisecond); err == nil {
		t.Error("there is no limit")
	}
}

// What is timed has to be what it is taken for: an encoder that gives parity
// after the last data packet, and a decoder that rebuilds from it.
func TestEncoderAndDecoderWork(t *testing.T) {
	encoder, decoder := newFECEncoder(2, 1, 0), newFECDecoder(2, 1)
	first, second := make([]byte, payload), make([]byte, payload)
	fecEncode(encoder, first, rto)
	parity := fecEncode(encoder, second, rto)
	if len(parity) != 1 || binary.LittleEndian.Uint16(parity[0][4:]) != typeParity {
		t.Fatalf("%d parity packets", len(parity))
	}
	fecDecode(decoder, first)
	if rebuilt := fecDecode(decoder, parity[0]); len(rebuilt) != 1 {
		t.Fatalf("%d packets were rebuilt", len(rebuilt))
	}
}
