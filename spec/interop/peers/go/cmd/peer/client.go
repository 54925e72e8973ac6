package main

import "github.com/xtaci/kcp-go/v5"

// runClient does the work in one session, or opens many for work "open".
func runClient(opt *options, life *lifetime) error {
	life.began()
	if opt.work == "open" {
		res, err := openMany(opt)
		if err != nil {
			return err
		}
		emitDone(opt.work, nil, res)
		life.hold()
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
