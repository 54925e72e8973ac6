package main

import (
	"fmt"

	"github.com/xtaci/kcp-go/v5"
)

const (
	firstReadBuffer = 4 << 10
	readBuffer      = 512 << 10
)

// receiver reads from a session into a buffer that grows only when a read fills
// it: with the full size from the start, thousands of idle sessions would
// measure these buffers instead of kcp-go.
type receiver struct {
	sess *kcp.UDPSession
	buf  []byte
	full bool // by the last read
	got  *tally
}

func newReceiver(sess *kcp.UDPSession, got *tally) *receiver {
	return &receiver{sess: sess, buf: make([]byte, firstReadBuffer), got: got}
}

// read returns what came, valid until the next call.
func (r *receiver) read() ([]byte, error) {
	if r.full && len(r.buf) < readBuffer {
		r.buf = make([]byte, 2*len(r.buf))
	}
	n, err := r.sess.Read(r.buf)
	if err != nil {
		return nil, err
	}
	r.full = n == len(r.buf)
	r.got.add(r.buf[:n])
	return r.buf[:n], nil
}

// readRest reads until total bytes have come in all.
func (r *receiver) readRest(total uint64) error {
	for r.got.bytes < total {
		if _, err := r.read(); err != nil {
			return err
		}
	}
	if r.got.bytes > total {
		return fmt.Errorf("received %d bytes instead of %d", r.got.bytes, total)
	}
	return nil
}
