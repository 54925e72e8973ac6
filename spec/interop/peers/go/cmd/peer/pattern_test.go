package main

import (
	"bytes"
	"testing"
)

func TestPatternDoesNotDependOnCuts(t *testing.T) {
	const size = 2*patternBlock + 12345
	whole := make([]byte, size)
	newPattern(7).fill(whole)

	var pieces []byte
	p := newPattern(7)
	for step := 1; len(pieces) < size; step = step*3%70001 + 1 {
		piece := make([]byte, min(step, size-len(pieces)))
		p.fill(piece)
		pieces = append(pieces, piece...)
	}
	if !bytes.Equal(whole, pieces) {
		t.Fatal("the cuts change the bytes")
	}
}

func TestPatternDiffers(t *testing.T) {
	first, other := make([]byte, 2*patternBlock), make([]byte, 2*patternBlock)
	newPattern(1).fill(first)
	newPattern(2).fill(other)
	if bytes.Equal(first, other) {
		t.Fatal("the seed does not matter")
	}
	if bytes.Equal(first[:patternBlock], first[patternBlock:]) {
		t.Fatal("blocks repeat")
	}
}
