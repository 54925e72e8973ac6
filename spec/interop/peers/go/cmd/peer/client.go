package main

import "github.com/xtaci/kcp-go/v5"

// inMany are the works that make their sessions themselves.
var inMany = map[string]func(opt *options) (*result, error){
	"open":    openMany,
	"ping":    pingMany,
	"connect": connectOften,
}

// runClient does the work in one session, or in many where the work is about
// them.
func runClient(opt *options, life *lifetime) error {
	life.began()
	if work, ok := inMany[opt.work]; ok && (opt.work != "ping" || opt.sessions > 1) {
		res, err := work(opt)
		if err != nil {
			return err
		}
		emitDone(opt.work, nil, res)
		if opt.work == "open" {
			life.hold()
		} else {
			life.ended()
		}
		return nil
	}

	sess, err := dial(opt)
	if err != nil {
		return err
	}
	if opt.hold {
		emit(holdingEvent{Event: "holding", Conv: sess.GetConv()})
		<-begin
	}
	var res *result
	switch opt.work {
	case "echo":
		res, err = warmedUp(echo, sess, opt)
	case "source":
		res, err = warmedUp(source, sess, opt)
	case "sink":
		// KCP has no handshake: a server only knows a session by its data.
		if err = sendByte(sess, openByte); err == nil {
			res, err = warmedUp(sink, sess, opt)
		}
	case "ping":
		res, err = ping(sess, opt)
	}
	if err != nil {
		return err
	}
	conv := sess.GetConv()
	emitDone(opt.work, &conv, res)
	life.ended()
	return nil
}

func dial(opt *options) (*kcp.UDPSession, error) {
	sess, err := kcp.DialWithOptions(opt.addr, opt.block, opt.fec.data, opt.fec.parity)
	if err != nil {
		return nil, err
	}
	openSessions.Add(1)
	if err := setBuffers(sess, opt); err != nil {
		return nil, err
	}
	return sess, tune(sess, opt)
}
