package main

import "time"

// openPace is the time between two sessions. It keeps the backlog of accepting
// servers short.
const openPace = time.Millisecond

type openStats struct {
	Sessions int `json:"sessions"`
}

// openMany opens sessions that send one byte each and then stay idle. Each has
// its own socket: kcp-go servers tell sessions apart by their remote address.
func openMany(opt *options) (*result, error) {
	sent := newTally(opt)
	watch := startWatch()
	start := time.Now()
	for i := range opt.sessions {
		time.Sleep(time.Until(start.Add(time.Duration(i) * openPace)))
		sess, err := dial(opt)
		if err != nil {
			return nil, err
		}
		if err := sendByte(sess, openByte); err != nil {
			return nil, err
		}
		sent.add([]byte{openByte})
	}
	res := watch.result(sent, nil)
	res.openStats = &openStats{opt.sessions}
	return res, nil
}
