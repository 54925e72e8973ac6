package main

import "github.com/xtaci/kcp-go/v5"

// warmedUp does the work twice in one session: first with opt.warmup bytes,
// whose result is dropped, so that a benchmark measures what a process that has
// run for a while would do. Each work ends with a word from the other end, so
// bytes of the two rounds do not mix.
func warmedUp(
	work func(*kcp.UDPSession, *options) (*result, error), sess *kcp.UDPSession, opt *options,
) (*result, error) {
	if opt.warmup > 0 {
		first := *opt
		first.bytes = opt.warmup
		if _, err := work(sess, &first); err != nil {
			return nil, err
		}
	}
	return work(sess, opt)
}
