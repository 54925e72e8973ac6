package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/xtaci/kcp-go/v5"
)

// pingGrace is how long the last answers may take before they count as lost.
const pingGrace = 3 * time.Second

// pingStats are round-trip times in milliseconds.
type pingStats struct {
	Count int     `json:"count"` // messages sent
	Lost  int     `json:"lost"`  // of these, not answered
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// ping sends messages to an echo server at a steady pace and times each one
// from just before its Write. The first 8 bytes of a message are its number.
func ping(sess *kcp.UDPSession, opt *options) (*result, error) {
	pace := time.Duration(opt.intervalMs * float64(time.Millisecond))
	count := max(int(opt.duration/pace), 1)
	p := &pinger{sess: sess, message: opt.message, begins: make([]time.Time, count)}
	sent, got := newTally(opt), newTally(opt)

	type answers struct {
		times []float64
		err   error
	}
	received := make(chan answers, 1)
	// A kcp-go Read that began without a deadline ignores one set later, so
	// there has to be one from the start, however far away.
	sess.SetReadDeadline(time.Now().Add(24 * time.Hour))
	watch := startWatch()
	go func() {
		times, err := p.receive(got)
		received <- answers{times, err}
	}()
	if err := p.send(pace, sent); err != nil {
		return nil, err
	}
	sess.SetReadDeadline(time.Now().Add(pingGrace))
	a := <-received
	if a.err != nil {
		return nil, a.err
	}
	res := watch.result(sent, got)
	res.pingStats = summarize(a.times, count)
	return res, nil
}

type pinger struct {
	sess    *kcp.UDPSession
	message int
	mu      sync.Mutex
	begins  []time.Time // of each message
}

func (p *pinger) send(pace time.Duration, sent *tally) error {
	start := time.Now()
	buf := make([]byte, p.message)
	for i := range p.begins {
		time.Sleep(time.Until(start.Add(time.Duration(i) * pace)))
		binary.LittleEndian.PutUint64(buf, uint64(i))
		p.mu.Lock()
		p.begins[i] = time.Now()
		p.mu.Unlock()
		if _, err := p.sess.Write(buf); err != nil {
			return err
		}
		sent.add(buf)
	}
	return nil
}

// receive returns the round-trip times in milliseconds. Messages are read as a
// byte stream, since an echo server does not keep their boundaries.
func (p *pinger) receive(got *tally) ([]float64, error) {
	buf := make([]byte, p.message)
	var times []float64
	for len(times) < len(p.begins) {
		_, err := io.ReadFull(p.sess, buf)
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			break
		}
		if err != nil {
			return nil, err
		}
		now := time.Now()
		got.add(buf)
		n := binary.LittleEndian.Uint64(buf)
		if n != uint64(len(times)) {
			return nil, errors.New("an answer is not the message expected next")
		}
		p.mu.Lock()
		took := now.Sub(p.begins[n])
		p.mu.Unlock()
		times = append(times, took.Seconds()*1000)
	}
	return times, nil
}

func summarize(times []float64, count int) *pingStats {
	s := &pingStats{Count: count, Lost: count - len(times)}
	if len(times) == 0 {
		return s
	}
	slices.Sort(times)
	// The smallest time that at least this share of all answers did not exceed.
	share := func(percent int) float64 {
		return times[(len(times)*percent+99)/100-1]
	}
	s.P50, s.P90, s.P99, s.Max = share(50), share(90), share(99), share(100)
	return s
}
