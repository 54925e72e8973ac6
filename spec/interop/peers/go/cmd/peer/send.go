package main

import "github.com/xtaci/kcp-go/v5"

// sendAll writes opt.bytes, one Write after the other without waiting for
// anything but the send window.
func sendAll(sess *kcp.UDPSession, opt *options, sent *tally) error {
	data := newPattern(opt.seed)
	buf := make([]byte, min(uint64(opt.write), opt.bytes))
	data.fill(buf)
	for sent.bytes < opt.bytes {
		chunk := buf[:min(uint64(len(buf)), opt.bytes-sent.bytes)]
		// Without hashes nobody looks at the bytes, so they can stay as they are.
		if opt.sha && sent.bytes > 0 {
			data.fill(chunk)
		}
		if _, err := sess.Write(chunk); err != nil {
			return err
		}
		sent.add(chunk)
	}
	return nil
}
