package main

import (
	"bytes"
	"io"
	"os"
	"testing"
)

func TestVectorsAreWhatIsCommitted(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{"crypto": write, "reed-solomon": writeReedSolomon} {
		committed, err := os.ReadFile("../../../../../vectors/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), committed) {
			t.Errorf("go run ./cmd/vectors %s > ../../../vectors/%s.json", name, name)
		}
	}
}
