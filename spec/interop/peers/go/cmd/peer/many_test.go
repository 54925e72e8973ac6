package main

import (
	"testing"

	"github.com/xtaci/kcp-go/v5"
)

// echoServer serves until the end of the test; it returns its address.
func echoServer(t *testing.T) string {
	t.Helper()
	listener, err := kcp.ListenWithOptions("127.0.0.1:0", nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	opt, err := parseOptions([]string{"-role", "server", "-work", "echo", "-nodelay", "1,10,2,1", "-stream=false"})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			sess, err := listener.AcceptKCP()
			if err != nil {
				return
			}
			tune(sess, opt)
			go echoBack(sess, opt)
		}
	}()
	return listener.Addr().String()
}

func client(t *testing.T, flags ...string) *options {
	t.Helper()
	opt, err := parseOptions(append([]string{"-role", "client", "-nodelay", "1,10,2,1", "-stream=false"}, flags...))
	if err != nil {
		t.Fatal(err)
	}
	return opt
}

func TestPingsOfManySessionsCountTogether(t *testing.T) {
	res, err := pingMany(client(t,
		"-work", "ping", "-addr", echoServer(t), "-sessions", "3", "-interval-ms", "5", "-duration", "50ms"))
	if err != nil {
		t.Fatal(err)
	}
	if res.Count != 30 || res.Lost != 0 || res.BytesReceived != 30*64 {
		t.Fatalf("%d messages, %d lost, %d bytes", res.Count, res.Lost, res.BytesReceived)
	}
	if res.P50 <= 0 || res.P50 > res.P99 || res.P99 > res.Max {
		t.Fatalf("p50 %v, p99 %v, max %v", res.P50, res.P99, res.Max)
	}
}

func TestTheFirstOfManyConnectsIsToldApart(t *testing.T) {
	res, err := connectOften(client(t, "-work", "connect", "-addr", echoServer(t), "-sessions", "4"))
	if err != nil {
		t.Fatal(err)
	}
	if res.First <= 0 || res.Connects != 3 || res.Median <= 0 {
		t.Fatalf("first %v, %d others, median %v", res.First, res.Connects, res.Median)
	}
}
