package main

import "github.com/xtaci/kcp-go/v5"

// source sends everything and waits until the other end says it has it.
func source(sess *kcp.UDPSession, opt *options) (*result, error) {
	sent := newTally(opt)
	watch := startWatch()
	if err := sendAll(sess, opt, sent); err != nil {
		return nil, err
	}
	if err := expectByte(sess, doneByte); err != nil {
		return nil, err
	}
	return watch.result(sent, nil), nil
}

// sink receives everything and says so. Its time starts with the first data, so
// that waiting for the other end to begin does not count.
func sink(sess *kcp.UDPSession, opt *options) (*result, error) {
	got := newTally(opt)
	in := newReceiver(sess, got)
	if _, err := in.read(); err != nil {
		return nil, err
	}
	watch := startWatch()
	if err := in.readRest(opt.bytes); err != nil {
		return nil, err
	}
	res := watch.result(nil, got)
	return res, sendByte(sess, doneByte)
}
