// Package ciphers makes the packet ciphers of kcp-go by name, and seals and
// opens datagrams with them as kcp-go's sessions do.
package ciphers

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"fmt"
	"slices"

	"github.com/xtaci/kcp-go/v5"
	"golang.org/x/crypto/chacha20poly1305"
)

type kind struct {
	name string
	// lengths are those of keys in bytes, the longest last; none: any that
	// kcp-go takes.
	lengths []int
	make    func(key []byte) (kcp.BlockCrypt, error)
}

// The names are kcptun's where it has one; "aes" is AES-256.
var kinds = []kind{
	{"aes-128", []int{16}, kcp.NewAESBlockCrypt},
	{"aes-192", []int{24}, kcp.NewAESBlockCrypt},
	{"aes", []int{32}, kcp.NewAESBlockCrypt},
	{"sm4", []int{16}, kcp.NewSM4BlockCrypt},
	{"tea", []int{16}, kcp.NewTEABlockCrypt},
	{"xtea", []int{16}, kcp.NewXTEABlockCrypt},
	{"3des", []int{24}, kcp.NewTripleDESBlockCrypt},
	{"blowfish", nil, kcp.NewBlowfishBlockCrypt},
	{"cast5", []int{16}, kcp.NewCast5BlockCrypt},
	{"twofish", []int{16, 24, 32}, kcp.NewTwofishBlockCrypt},
	{"salsa20", []int{32}, kcp.NewSalsa20BlockCrypt},
	{"xor", nil, kcp.NewSimpleXORBlockCrypt},
	{"none", nil, kcp.NewNoneBlockCrypt},
	{"aes-128-gcm", []int{16}, kcp.NewAESGCMCrypt},
	{"aes-192-gcm", []int{24}, kcp.NewAESGCMCrypt},
	{"aes-256-gcm", []int{32}, kcp.NewAESGCMCrypt},
	{"chacha20-poly1305", []int{32}, newChaCha20Poly1305},
}

// Null is kcptun's name of no encryption at all: datagrams without a header, as
// against "none".
const Null = "null"

// Names are all there are but Null, each once.
func Names() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

// New makes the cipher of that name. For Null it is nil, which is how kcp-go's
// sessions are told to do without.
func New(name string, key []byte) (kcp.BlockCrypt, error) {
	if name == Null {
		return nil, nil
	}
	k, err := find(name)
	if err != nil {
		return nil, err
	}
	// kcp-go itself would pad or cut the key of some.
	if k.lengths != nil && !slices.Contains(k.lengths, len(key)) {
		return nil, fmt.Errorf("%s cannot have a key of %d bytes", name, len(key))
	}
	return k.make(key)
}

// KeyLength is that of the longest key kcptun would use: 32 bytes where the
// cipher takes any.
func KeyLength(name string) (int, error) {
	k, err := find(name)
	if err != nil {
		return 0, err
	}
	if n := len(k.lengths); n > 0 {
		return k.lengths[n-1], nil
	}
	return 32, nil
}

// DeriveKey makes the key that kcptun does from a password.
func DeriveKey(name, password string) ([]byte, error) {
	length, err := KeyLength(name)
	if err != nil {
		return nil, err
	}
	return pbkdf2.Key(sha1.New, password, []byte("kcp-go"), 4096, length)
}

func find(name string) (kind, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, fmt.Errorf("there is no cipher %q", name)
	}
	return kinds[i], nil
}

func newChaCha20Poly1305(key []byte) (kcp.BlockCrypt, error) {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	return kcp.NewAEADCrypt(aead), nil
}
