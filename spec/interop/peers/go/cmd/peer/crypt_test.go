package main

import (
	"bytes"
	"testing"

	"github.com/xtaci/kcp-go/v5"
)

func withCrypt(flags ...string) (*options, error) {
	return parseOptions(append([]string{"-role", "client", "-work", "echo", "-bytes", "100000"}, flags...))
}

func TestCiphersAreRefusedWithoutTheirKey(t *testing.T) {
	for _, flags := range [][]string{
		{"-crypt", "aes"},
		{"-crypt", "aes", "-key", "0011"},
		{"-crypt", "aes", "-key", "not hex"},
		{"-crypt", "rot13", "-password", "secret"},
		{"-crypt", "aes-128", "-password", "secret", "-key", "00112233445566778899aabbccddeeff"},
		{"-key", "00112233445566778899aabbccddeeff"},
		{"-password", "secret"},
	} {
		if _, err := withCrypt(flags...); err == nil {
			t.Errorf("%q: no error", flags)
		}
	}
}

func TestThereIsNoCipherByDefault(t *testing.T) {
	for _, flags := range [][]string{nil, {"-crypt", "null"}} {
		opt, err := withCrypt(flags...)
		if err != nil {
			t.Fatal(err)
		}
		if opt.block != nil {
			t.Errorf("%q: a cipher", flags)
		}
	}
}

func TestEndsUnderstandEachOtherWithTheSameCipher(t *testing.T) {
	for _, crypt := range []string{"aes", "none", "aes-128-gcm", "chacha20-poly1305"} {
		t.Run(crypt, func(t *testing.T) {
			theirs, err := withCrypt("-crypt", crypt, "-password", "secret")
			if err != nil {
				t.Fatal(err)
			}
			listener, err := kcp.ListenWithOptions("127.0.0.1:0", theirs.block, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			ours, err := withCrypt("-crypt", crypt, "-password", "secret", "-addr", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			sess, err := dial(ours)
			if err != nil {
				t.Fatal(err)
			}
			defer sess.Close()
			said := []byte("something to say")
			if _, err := sess.Write(said); err != nil {
				t.Fatal(err)
			}
			served, err := listener.AcceptKCP()
			if err != nil {
				t.Fatal(err)
			}
			heard := make([]byte, 100)
			n, err := served.Read(heard)
			if err != nil || !bytes.Equal(heard[:n], said) {
				t.Fatalf("%v, heard %q", err, heard[:n])
			}
		})
	}
}
