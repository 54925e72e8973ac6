// Command vectors writes the files of spec/vectors to standard output, the same
// in every run: crypto.json, packets sealed with every cipher of kcp-go, or
// reed-solomon.json, the parity of groups of shards.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"rxkcp/peers/internal/ciphers"
)

type file struct {
	Source  string         `json:"source"`
	Packet  string         `json:"packet"`
	Ciphers []cipherVector `json:"ciphers"`
}

type cipherVector struct {
	Cipher    string           `json:"cipher"`
	Key       string           `json:"key"`
	Datagrams []datagramVector `json:"datagrams"`
}

type datagramVector struct {
	Length   int    `json:"length"` // of the packet
	Nonce    string `json:"nonce"`
	Datagram string `json:"datagram"`
}

// lengths of packets: none at all, ends in the middle of blocks and at their
// edges, a full packet of the usual MTU. The longest there can be comes after
// them.
var lengths = []int{0, 1, 4, 7, 8, 11, 12, 13, 15, 16, 17, 23, 24, 28, 32, 44, 45, 100, 1376}

// keyLengths of those ciphers that have a choice.
var keyLengths = map[string][]int{
	"blowfish": {5, 16, 32, 56},
	"twofish":  {16, 24, 32},
	"xor":      {9, 32, 65},
}

func main() {
	writers := map[string]func(io.Writer) error{"crypto": write, "reed-solomon": writeReedSolomon}
	var what string
	if len(os.Args) == 2 {
		what = os.Args[1]
	}
	write, ok := writers[what]
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: vectors crypto > ../../../vectors/crypto.json, or the same with reed-solomon")
		os.Exit(2)
	}
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func write(w io.Writer) error {
	f := file{
		Source: "kcp-go v5.6.72 and v5.7.5, by spec/interop/peers/go/cmd/vectors",
		Packet: "byte i of a packet of n bytes: (31 i + floor(i / 256) + 7 n) mod 256",
	}
	for _, name := range ciphers.Names() {
		longest, err := ciphers.KeyLength(name)
		if err != nil {
			return err
		}
		sizes, ok := keyLengths[name]
		if !ok {
			sizes = []int{longest}
		}
		for _, size := range sizes {
			v, err := vectorOf(name, keyOf(size))
			if err != nil {
				return err
			}
			f.Ciphers = append(f.Ciphers, v)
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(f)
}

func vectorOf(name string, key []byte) (cipherVector, error) {
	v := cipherVector{Cipher: name, Key: hex.EncodeToString(key)}
	block, err := ciphers.New(name, key)
	if err != nil {
		return v, err
	}
	longest := ciphers.MTULimit - ciphers.Overhead(block)
	for _, length := range append(slices.Clone(lengths), longest) {
		nonce := nonceOf(ciphers.NonceSize(block), length)
		buf := make([]byte, ciphers.HeaderSize(block), ciphers.MTULimit)
		copy(buf, nonce)
		datagram := ciphers.Seal(block, append(buf, packetOf(length)...))
		v.Datagrams = append(v.Datagrams, datagramVector{length, hex.EncodeToString(nonce), hex.EncodeToString(datagram)})
	}
	return v, nil
}

func packetOf(length int) []byte {
	packet := make([]byte, length)
	for i := range packet {
		packet[i] = byte(31*i + i>>8 + 7*length)
	}
	return packet
}

func keyOf(size int) []byte {
	key := make([]byte, size)
	for i := range key {
		key[i] = byte(3*i*i + 17*i + 41 + size)
	}
	return key
}

func nonceOf(size, length int) []byte {
	nonce := make([]byte, size)
	for i := range nonce {
		nonce[i] = byte(101*i + 13*length + 0xa5)
	}
	return nonce
}
