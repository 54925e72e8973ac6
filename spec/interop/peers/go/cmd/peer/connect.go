package main

import (
	"fmt"
	"slices"
	"time"
)

// connectStats are milliseconds from dialling to the first byte echoed.
type connectStats struct {
	First    float64 `json:"first"`    // of the first session of this process
	Connects int     `json:"connects"` // of the others,
	Median   float64 `json:"median"`
}

// connectOften makes one session after the other, each for one byte that an echo
// server sends back. They stay open: a server of kcp-go takes a late packet of an
// earlier session for a new one, if their ports are the same, and drops the
// session that is there.
func connectOften(opt *options) (*result, error) {
	times := make([]float64, opt.sessions)
	sent, got := newTally(opt), newTally(opt)
	watch := startWatch()
	for i := range times {
		began := time.Now()
		sess, err := dial(opt)
		if err != nil {
			return nil, err
		}
		if err := sendByte(sess, openByte); err != nil {
			return nil, err
		}
		if err := expectByte(sess, openByte); err != nil {
			return nil, fmt.Errorf("session %d: %w", i, err)
		}
		times[i] = time.Since(began).Seconds() * 1000
		sent.add([]byte{openByte})
		got.add([]byte{openByte})
	}
	res := watch.result(sent, got)
	stats := &connectStats{First: times[0], Connects: len(times) - 1}
	if rest := times[1:]; len(rest) > 0 {
		slices.Sort(rest)
		stats.Median = share(rest, 50)
	}
	res.connectStats = stats
	return res, nil
}
