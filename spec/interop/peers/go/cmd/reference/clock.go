package main

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// withFrozenClock runs f with a clock that does not move and exits the process
// with f's result.
//
// kcp-go reads the clock several times inside one operation. With a real clock
// a pause of the process in the middle of an operation would tear it, and a
// torn operation cannot be repeated because it has already changed the control
// block. Inside a synctest bubble the clock only moves when every goroutine of
// the bubble sleeps, and ours never does. The bubble needs a *testing.T, which
// a command gets only from testing.Main. That function prints a verdict on
// standard output when the test returns; leaving from inside avoids it, since
// standard output belongs to the protocol.
func withFrozenClock(f func() int) {
	matchAll := func(_, _ string) (bool, error) { return true, nil }
	body := func(t *testing.T) {
		synctest.Test(t, func(*testing.T) { os.Exit(f()) })
	}
	testing.Main(matchAll, []testing.InternalTest{{Name: "reference", F: body}}, nil, nil)
}

// setClock makes kcp-go read the given millisecond. It only works while the
// clock is frozen, which is checked: a wrong timestamp in a packet would look
// like a protocol difference.
func setClock(at uint32) error {
	kcpRefTime = time.Now().Add(-time.Duration(at) * time.Millisecond)
	for range 2 {
		if got := kcpCurrentMs(); got != at {
			return fmt.Errorf("clock reads %d instead of %d", got, at)
		}
	}
	return nil
}
