package main

import (
	"encoding/binary"
	"math/rand/v2"
)

const (
	patternBlock = 1 << 20
	patternStamp = 1 << 10
)

// pattern is an endless stream of pseudo-random bytes that depends on the seed
// alone, not on how it is cut. Random numbers are drawn for one block only;
// each repetition of it is told apart by a number stamped into every KiB, which
// makes misplaced segments visible and costs next to nothing.
type pattern struct {
	block []byte
	next  int    // read position in block
	round uint64 // number stamped
}

func newPattern(seed uint64) *pattern {
	p := &pattern{block: make([]byte, patternBlock)}
	random := rand.NewPCG(seed, seed)
	for i := 0; i < len(p.block); i += 8 {
		binary.LittleEndian.PutUint64(p.block[i:], random.Uint64())
	}
	p.stamp()
	return p
}

func (p *pattern) stamp() {
	for i := 0; i < len(p.block); i += patternStamp {
		binary.LittleEndian.PutUint64(p.block[i:], p.round<<10|uint64(i/patternStamp))
	}
}

func (p *pattern) fill(dst []byte) {
	for len(dst) > 0 {
		if p.next == len(p.block) {
			p.next = 0
			p.round++
			p.stamp()
		}
		n := copy(dst, p.block[p.next:])
		p.next += n
		dst = dst[n:]
	}
}
