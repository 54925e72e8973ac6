package main

import (
	"fmt"

	"github.com/xtaci/kcp-go/v5"
)

// tune applies the protocol settings to a session, dialled or accepted.
func tune(sess *kcp.UDPSession, opt *options) error {
	if !sess.SetMtu(opt.mtu) {
		return fmt.Errorf("mtu %d refused", opt.mtu)
	}
	n := opt.nodelay
	sess.SetNoDelay(n[0], n[1], n[2], n[3])
	sess.SetWindowSize(opt.sndwnd, opt.rcvwnd)
	sess.SetStreamMode(opt.stream)
	sess.SetWriteDelay(opt.writeDelay)
	sess.SetACKNoDelay(opt.ackNoDelay)
	if opt.rateLimit > 0 {
		sess.SetRateLimit(uint32(opt.rateLimit))
	}
	newest.Store(sess)
	if opt.oob {
		tellOutOfBand(sess)
	}
	return nil
}

// socket is what owns a UDP socket: a listener or a dialled session. Accepted
// sessions share the listener's.
type socket interface {
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
}

func setBuffers(s socket, opt *options) error {
	if err := s.SetReadBuffer(opt.sockbuf); err != nil {
		return err
	}
	return s.SetWriteBuffer(opt.sockbuf)
}
