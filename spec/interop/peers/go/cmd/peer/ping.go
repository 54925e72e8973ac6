package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"time"

	"github.com/xtaci/kcp-go/v5"
)

// pingGrace is how long the last answers may take before they count as lost.
const pingGrace = 10 * time.Second

// pingStats are round-trip times in milliseconds.
type pingStats struct {
	Count int     `json:"count"` // messages sent
	Lost  int     `json:"lost"`  // of these, not answered
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// pingMany does the same in many sessions at a time, whose sends are spread
// evenly and whose times count together.
func pingMany(opt *options) (*result, error) {
	type outcome struct {
		res   *result
		times []float64
		err   error
	}
	outcomes := make(chan outcome, opt.sessions)
	pace := time.Duration(opt.intervalMs * float64(time.Millisecond))
	watch := startWatch()
	start := time.Now()
	for i := range opt.sessions {
		go func() {
			var o outcome
			sess, err := dial(opt)
			if err == nil {
				o.res, o.times, err = pingFrom(start.Add(pace*time.Duration(i)/time.Duration(opt.sessions)), sess, opt)
			}
			o.err = err
			outcomes <- o
		}()
	}
	sent, got := newTally(opt), newTally(opt)
	var times []float64
	lost := 0
	for range opt.sessions {
		o := <-outcomes
		if o.err != nil {
			return nil, o.err
		}
		times = append(times, o.times...)
		lost += o.res.Lost
		sent.bytes += o.res.BytesSent
		got.bytes += o.res.BytesReceived
	}
	res := watch.result(sent, got)
	res.SentSha256, res.ReceivedSha256 = "", "" // of single sessions
	res.pingStats = summarize(times, lost)
	return res, nil
}

// ping sends messages to an echo server at a steady pace and times each one
// from when its Write was due. The first 8 bytes of a message are its number.
func ping(sess *kcp.UDPSession, opt *options) (*result, error) {
	res, _, err := pingFrom(time.Now(), sess, opt)
	return res, err
}

func pingFrom(start time.Time, sess *kcp.UDPSession, opt *options) (*result, []float64, error) {
	pace := time.Duration(opt.intervalMs * float64(time.Millisecond))
	count := max(int(opt.duration/pace), 1)
	p := &pinger{sess: sess, message: opt.message, count: count, start: start, pace: pace}
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
	if err := p.send(sent); err != nil {
		return nil, nil, err
	}
	sess.SetReadDeadline(time.Now().Add(pingGrace))
	a := <-received
	if a.err != nil {
		return nil, nil, a.err
	}
	res := watch.result(sent, got)
	lost := count - len(a.times)
	// Who was not answered has waited at least until now.
	for len(a.times) < count {
		a.times = append(a.times, time.Since(p.due(len(a.times))).Seconds()*1000)
	}
	res.pingStats = summarize(slices.Clone(a.times), lost)
	return res, a.times, nil
}

type pinger struct {
	sess    *kcp.UDPSession
	message int // bytes
	count   int // of messages
	start   time.Time
	pace    time.Duration
}

// due is when a message is to be written. To count from there, and not from when
// it was, leaves no wait uncounted.
func (p *pinger) due(number int) time.Time {
	return p.start.Add(time.Duration(number) * p.pace)
}

func (p *pinger) send(sent *tally) error {
	buf := make([]byte, p.message)
	for i := range p.count {
		time.Sleep(time.Until(p.due(i)))
		binary.LittleEndian.PutUint64(buf, uint64(i))
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
	for len(times) < p.count {
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
		times = append(times, now.Sub(p.due(len(times))).Seconds()*1000)
	}
	return times, nil
}

// summarize sorts the times of all messages.
func summarize(times []float64, lost int) *pingStats {
	s := &pingStats{Count: len(times), Lost: lost}
	slices.Sort(times)
	s.P50, s.P90, s.P99, s.Max = share(times, 50), share(times, 90), share(times, 99), share(times, 100)
	return s
}

// share is the smallest of sorted times that at least this share of all did not
// exceed.
func share(times []float64, percent int) float64 {
	return times[(len(times)*percent+99)/100-1]
}
