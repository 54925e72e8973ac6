package ciphers

import (
	"crypto/cipher"
	"encoding/binary"
	"hash/crc32"

	"github.com/xtaci/kcp-go/v5"
)

const (
	// MTULimit is the longest datagram that every version takes (sess.go,
	// maxPacketSize; mtuLimit up to v5.6.72, where it was 1500).
	MTULimit = 1472

	// See sess.go: nonceSize, cryptHeaderSize.
	cfbNonce  = 16
	cfbHeader = cfbNonce + 4
)

// HeaderSize is how many bytes of a datagram come before the packet; the first
// of them are the nonce.
func HeaderSize(block kcp.BlockCrypt) int {
	if aead, ok := block.(cipher.AEAD); ok {
		return aead.NonceSize()
	}
	return cfbHeader
}

// NonceSize is how many bytes of a datagram are random.
func NonceSize(block kcp.BlockCrypt) int {
	if aead, ok := block.(cipher.AEAD); ok {
		return aead.NonceSize()
	}
	return cfbNonce
}

// Overhead is by how many bytes a datagram is longer than the packet in it.
func Overhead(block kcp.BlockCrypt) int {
	if aead, ok := block.(cipher.AEAD); ok {
		return aead.NonceSize() + aead.Overhead()
	}
	return cfbHeader
}

// Seal makes a datagram of the packet in buf[HeaderSize:], whose nonce is in
// buf[:NonceSize], in place: sess.go, postProcess, with the nonce drawn already.
// An AEAD needs room for its tag behind buf.
func Seal(block kcp.BlockCrypt, buf []byte) []byte {
	if aead, ok := block.(cipher.AEAD); ok {
		size := aead.NonceSize()
		return aead.Seal(buf[:size], buf[:size], buf[size:], nil)
	}
	checksum := crc32.ChecksumIEEE(buf[cfbHeader:])
	binary.LittleEndian.PutUint32(buf[cfbNonce:], checksum)
	block.Encrypt(buf, buf)
	return buf
}

// Open returns the packet of a datagram, in its place: sess.go, packetInput.
func Open(block kcp.BlockCrypt, datagram []byte) (packet []byte, ok bool) {
	if len(datagram) < Overhead(block) {
		return nil, false
	}
	if aead, ok := block.(cipher.AEAD); ok {
		nonce, sealed := datagram[:aead.NonceSize()], datagram[aead.NonceSize():]
		packet, err := aead.Open(sealed[:0], nonce, sealed, nil)
		return packet, err == nil
	}
	block.Decrypt(datagram, datagram)
	packet = datagram[cfbHeader:]
	return packet, crc32.ChecksumIEEE(packet) == binary.LittleEndian.Uint32(datagram[cfbNonce:])
}
