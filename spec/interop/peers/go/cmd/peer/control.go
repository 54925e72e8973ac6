package main

import (
	"fmt"

	"github.com/xtaci/kcp-go/v5"
)

const (
	openByte = 0x05 // first byte of a client that only receives
	doneByte = 0x06 // a sink has received everything
)

func sendByte(sess *kcp.UDPSession, b byte) error {
	_, err := sess.Write([]byte{b})
	return err
}

func expectByte(sess *kcp.UDPSession, want byte) error {
	var got [1]byte
	if _, err := sess.Read(got[:]); err != nil {
		return err
	}
	if got[0] != want {
		return fmt.Errorf("received control byte %#02x instead of %#02x", got[0], want)
	}
	return nil
}
