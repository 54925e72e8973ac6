package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/reedsolomon"
)

type reedSolomonFile struct {
	Source   string         `json:"source"`
	Shards   string         `json:"shards"`
	Digest   string         `json:"digest"`
	Examples []groupExample `json:"examples"`
	Groups   []groupVector  `json:"groups"`
}

type groupExample struct {
	Data   string `json:"data"` // shards with spaces between them
	Parity string `json:"parity"`
}

type groupVector struct {
	Data    int    `json:"data"`
	Parity  int    `json:"parity"`
	Lengths string `json:"lengths"` // of the shards, first-last, a group for each
	Digest  string `json:"digest"`  // of them all
}

type lengthRange struct{ first, last int }

// exampleShapes come with all their bytes.
var exampleShapes = [][3]int{{1, 1, 5}, {2, 2, 4}, {3, 1, 7}, {10, 3, 6}}

var shapes = [][2]int{
	{1, 1}, {1, 2}, {1, 4}, {1, 255}, {2, 1}, {2, 2}, {2, 3}, {3, 1}, {3, 2}, {4, 1}, {4, 4}, {5, 3}, {5, 5}, {6, 7},
	{8, 3}, {10, 3}, {10, 10}, {17, 5}, {20, 10}, {31, 9}, {50, 50}, {70, 30}, {100, 1}, {128, 64}, {128, 128},
	{200, 20}, {254, 2}, {255, 1},
}

// Around multiples of the widths that processors calculate with, and at the
// ends of what kcp-go's packets can have.
var shardLengths = []lengthRange{{1, 2}, {15, 17}, {31, 33}, {63, 65}, {127, 129}, {1374, 1374}, {1492, 1492}, {1499, 1500}}

// sweptShapes have every length from 1 to 1500.
var sweptShapes = [][2]int{{1, 1}, {3, 1}, {10, 3}, {4, 4}}

func writeReedSolomon(w io.Writer) error {
	f := reedSolomonFile{
		Source: "klauspost/reedsolomon v1.12.0 as kcp-go v5.6.72 uses it, and v1.14.2 as v5.7.5 does, by spec/interop/peers/go/cmd/vectors",
		Shards: "bytes of the data shards of a group, one after the other: the high byte of state = (state 1664525 + " +
			"1013904223) mod 2^32, where state is 65536 data + 256 parity + length before the first",
		Digest: "SHA-256 of the parity shards of all groups, one after the other",
	}
	for _, shape := range exampleShapes {
		shards, err := groupOf(shape[0], shape[1], shape[2])
		if err != nil {
			return err
		}
		f.Examples = append(f.Examples, groupExample{inHex(shards[:shape[0]]), inHex(shards[shape[0]:])})
	}
	for _, shape := range shapes {
		for _, some := range shardLengths {
			if err := f.add(shape, some); err != nil {
				return err
			}
		}
	}
	for _, shape := range sweptShapes {
		if err := f.add(shape, lengthRange{1, 1500}); err != nil {
			return err
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(f)
}

func (f *reedSolomonFile) add(shape [2]int, some lengthRange) error {
	digest := sha256.New()
	for length := some.first; length <= some.last; length++ {
		shards, err := groupOf(shape[0], shape[1], length)
		if err != nil {
			return err
		}
		for _, parity := range shards[shape[0]:] {
			digest.Write(parity)
		}
	}
	f.Groups = append(f.Groups, groupVector{shape[0], shape[1], fmt.Sprintf("%d-%d", some.first, some.last), hex.EncodeToString(digest.Sum(nil))})
	return nil
}

// groupOf makes the data shards and has their parity calculated.
func groupOf(data, parity, length int) ([][]byte, error) {
	codec, err := reedsolomon.New(data, parity)
	if err != nil {
		return nil, err
	}
	state := uint32(data<<16 + parity<<8 + length)
	shards := make([][]byte, data+parity)
	for i := range shards {
		shards[i] = make([]byte, length)
		for k := range shards[i] {
			if i < data {
				state = state*1664525 + 1013904223
				shards[i][k] = byte(state >> 24)
			}
		}
	}
	return shards, codec.Encode(shards)
}

func inHex(shards [][]byte) string {
	out := make([]string, len(shards))
	for i, shard := range shards {
		out[i] = hex.EncodeToString(shard)
	}
	return strings.Join(out, " ")
}
