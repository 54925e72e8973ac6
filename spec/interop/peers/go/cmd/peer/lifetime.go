package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// linger is how long the process outlives its work, so that the other end still
// gets its acknowledgements and retransmissions: KCP has no closing handshake
// that would say when they are no longer needed.
const linger = 30 * time.Second

// lifetime decides when the process ends by itself.
type lifetime struct {
	mu      sync.Mutex
	working int  // pieces of work under way
	worked  bool // at least one piece is finished
	linger  *time.Timer
	bound   *time.Timer
}

// newLifetime bounds the run by timeout, unless that is 0.
func newLifetime(timeout time.Duration) *lifetime {
	l := &lifetime{}
	l.linger = stoppedTimer(l.expire)
	l.bound = stoppedTimer(func() {
		l.expire()
		fatal(exitTimeout, fmt.Errorf("timeout after %v", timeout))
	})
	if timeout > 0 {
		l.bound.Reset(timeout)
	}
	return l
}

func stoppedTimer(f func()) *time.Timer {
	t := time.AfterFunc(time.Hour, f)
	t.Stop()
	return t
}

// began notes a piece of work under way.
func (l *lifetime) began() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.working++
	l.linger.Stop()
}

// ended notes the end of a piece of work; the last one starts the lingering.
func (l *lifetime) ended() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.working--
	l.worked = true
	if l.working == 0 {
		l.linger.Reset(linger)
	}
}

// hold leaves the end of the process to stdin alone.
func (l *lifetime) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.linger.Stop()
	l.bound.Stop()
}

// expire exits when all work is done. It looks again, because a timer that has
// fired cannot be stopped any more.
func (l *lifetime) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.working == 0 && l.worked {
		os.Exit(0)
	}
}
