package ciphers

import (
	"bytes"
	"encoding/hex"
	"net"
	"testing"
	"time"

	"github.com/xtaci/kcp-go/v5"
)

// wire is a network card that only sends.
type wire struct {
	net.PacketConn
	sent chan []byte
}

func (w *wire) WriteTo(p []byte, _ net.Addr) (int, error) {
	w.sent <- bytes.Clone(p)
	return len(p), nil
}

func (w *wire) ReadFrom([]byte) (int, net.Addr, error) { select {} }

func (w *wire) LocalAddr() net.Addr { return &net.UDPAddr{} }

// sentBySession is the first datagram of a session of kcp-go's.
func sentBySession(t *testing.T, block kcp.BlockCrypt, data []byte) []byte {
	w := &wire{sent: make(chan []byte, 16)}
	sess, err := kcp.NewConn3(1, &net.UDPAddr{}, block, 0, 0, w)
	if err != nil {
		t.Fatal(err)
	}
	defer sess.Close()
	if _, err := sess.Write(data); err != nil {
		t.Fatal(err)
	}
	select {
	case datagram := <-w.sent:
		return datagram
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was sent")
		return nil
	}
}

func testKey(t *testing.T, name string) []byte {
	key, err := DeriveKey(name, "it's a secret")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSealDoesWhatSessionsDo(t *testing.T) {
	nonce := bytes.Repeat([]byte("nonce0123"), 4)
	kcp.SetEntropy(rewound(nonce))
	defer kcp.SetEntropy(kcp.NewEntropy())
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			block, err := New(name, testKey(t, name))
			if err != nil {
				t.Fatal(err)
			}
			datagram := sentBySession(t, block, []byte("something to say"))
			if len(datagram) != Overhead(block)+kcp.IKCP_OVERHEAD+len("something to say") {
				t.Fatalf("%d bytes were sent", len(datagram))
			}

			packet, ok := Open(block, bytes.Clone(datagram))
			if !ok || !bytes.HasSuffix(packet, []byte("something to say")) {
				t.Fatalf("opened: %v, %x", ok, packet)
			}
			buf := make([]byte, HeaderSize(block), MTULimit)
			copy(buf, nonce[:NonceSize(block)])
			if !bytes.Equal(Seal(block, append(buf, packet...)), datagram) {
				t.Fatal("sealed again it is another datagram")
			}
		})
	}
}

// rewound begins anew with each Read, so that a nonce does not depend on what
// was drawn before.
type rewound []byte

func (r rewound) Read(p []byte) (int, error) { return copy(p, r), nil }

func TestOpenRefusesWhatWasChanged(t *testing.T) {
	for _, name := range Names() {
		block, err := New(name, testKey(t, name))
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, HeaderSize(block)+100, MTULimit)
		datagram := Seal(block, buf)
		// Some ciphers have nothing depend on the nonce.
		for at := NonceSize(block); at < len(datagram); at++ {
			changed := bytes.Clone(datagram)
			changed[at] ^= 1
			if _, ok := Open(block, changed); ok {
				t.Errorf("%s: byte %d may be changed", name, at)
			}
		}
		for size := range Overhead(block) {
			if _, ok := Open(block, bytes.Clone(datagram[:size])); ok {
				t.Errorf("%s: %d bytes are enough", name, size)
			}
		}
	}
}

func TestKeysOfWrongLengthAreRefused(t *testing.T) {
	for name, length := range map[string]int{
		"aes-128": 32, "aes-192": 16, "aes": 24, "sm4": 32, "tea": 15, "xtea": 32, "3des": 16, "blowfish": 57,
		"cast5": 5, "twofish": 20, "salsa20": 16, "aes-128-gcm": 32, "chacha20-poly1305": 16,
	} {
		if _, err := New(name, make([]byte, length)); err == nil {
			t.Errorf("%s has a key of %d bytes", name, length)
		}
	}
	if _, err := New("rot13", make([]byte, 16)); err == nil {
		t.Error("there is rot13")
	}
}

func TestDeriveKeyDoesWhatKcptunDoes(t *testing.T) {
	// PBKDF2-HMAC-SHA1("it's a secrect", "kcp-go", 4096, 32) by Python's hashlib.
	const want = "25d7d7bd51050742d8d791f2b653c6c8b2366b7e25a124cf7a2e12eaf4ffa444"
	for name, length := range map[string]int{"aes": 32, "aes-128": 16, "3des": 24, "twofish": 32, "xor": 32} {
		key, err := DeriveKey(name, "it's a secrect")
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(key); got != want[:2*length] {
			t.Errorf("%s: %s instead of %s", name, got, want[:2*length])
		}
	}
}
