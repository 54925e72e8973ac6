package main

import (
	"testing"

	"github.com/xtaci/kcp-go/v5"
)

func TestWarmupDoesNotCount(t *testing.T) {
	works := []struct {
		name           string
		client, server func(*kcp.UDPSession, *options) (*result, error)
	}{
		{"echo", echo, echoBack},
		{"source to sink", source, sink},
	}
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			listener, err := kcp.ListenWithOptions("127.0.0.1:0", nil, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			opt, err := parseOptions([]string{
				"-role", "client", "-work", "echo", "-addr", listener.Addr().String(),
				"-bytes", "300000", "-warmup", "100001", "-write", "70000", "-nodelay", "1,10,2,1",
			})
			if err != nil {
				t.Fatal(err)
			}

			served := make(chan *result, 1)
			go func() {
				sess, err := listener.AcceptKCP()
				if err != nil {
					t.Error(err)
					return
				}
				tune(sess, opt)
				res, err := warmedUp(w.server, sess, opt)
				if err != nil {
					t.Error(err)
				}
				served <- res
			}()
			sess, err := dial(opt)
			if err != nil {
				t.Fatal(err)
			}
			defer sess.Close()
			mine, err := warmedUp(w.client, sess, opt)
			if err != nil {
				t.Fatal(err)
			}
			theirs := <-served
			if mine.BytesSent != opt.bytes || theirs.BytesReceived != opt.bytes {
				t.Fatalf("sent %d, received %d instead of %d", mine.BytesSent, theirs.BytesReceived, opt.bytes)
			}
			if mine.SentSha256 != theirs.ReceivedSha256 {
				t.Fatal("the bytes differ")
			}
		})
	}
}

func TestWarmupIsRefusedWhereNothingIsMoved(t *testing.T) {
	if _, err := parseOptions([]string{"-role", "client", "-work", "ping", "-warmup", "1"}); err == nil {
		t.Fatal("no error")
	}
}
