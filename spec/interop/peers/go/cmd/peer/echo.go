package main

import "github.com/xtaci/kcp-go/v5"

// echo sends everything and receives it back at the same time. The two must not
// take turns: with both windows full neither end could go on.
func echo(sess *kcp.UDPSession, opt *options) (*result, error) {
	sent, got := newTally(opt), newTally(opt)
	failed := make(chan error, 1)
	written := make(chan struct{})
	received := make(chan error, 1)
	watch := startWatch()
	go func() {
		defer close(written)
		if err := sendAll(sess, opt, sent); err != nil {
			failed <- err
		}
	}()
	go func() { received <- newReceiver(sess, got).readRest(opt.bytes) }()
	select {
	case err := <-failed:
		return nil, err
	case err := <-received:
		if err != nil {
			return nil, err
		}
	}
	// The last Write may still have to return after its bytes have come back.
	<-written
	return watch.result(sent, got), nil
}

// echoBack sends back what it receives, without end if no number of bytes is
// given.
func echoBack(sess *kcp.UDPSession, opt *options) (*result, error) {
	sent, got := newTally(opt), newTally(opt)
	in := newReceiver(sess, got)
	var watch stopwatch
	for opt.bytes == 0 || got.bytes < opt.bytes {
		first := got.bytes == 0
		data, err := in.read()
		if err != nil {
			return nil, err
		}
		if first {
			watch = startWatch()
		}
		if _, err := sess.Write(data); err != nil {
			return nil, err
		}
		sent.add(data)
	}
	return watch.result(sent, got), nil
}
