package main

import (
	"testing"
	"time"

	"rxkcp/peers/internal/ciphers"
)

func TestEverythingIsTimed(t *testing.T) {
	for _, what := range append(ciphers.Names(), "crc32", "nonce") {
		done, err := run(what, time.Millisecond)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if done.Ns <= 0 || done.Bytes == ciphers.MTULimit && done.NsSealed <= 0 {
			t.Errorf("%s: %+v", what, done)
		}
	}
	if _, err := run("rot13", time.Millisecond); err == nil {
		t.Error("there is rot13")
	}
}
