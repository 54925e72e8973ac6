package main

import (
	"bytes"
	"os"
	"testing"
)

func TestVectorsAreWhatIsCommitted(t *testing.T) {
	committed, err := os.ReadFile("../../../../../vectors/crypto.json")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), committed) {
		t.Fatal("go run ./cmd/vectors > ../../../vectors/crypto.json")
	}
}
