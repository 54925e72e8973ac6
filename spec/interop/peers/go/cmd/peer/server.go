package main

import (
	"net"

	"github.com/xtaci/kcp-go/v5"
)

// runServer gives the work to every session it accepts. A session that fails
// does not stop the others.
func runServer(opt *options, life *lifetime) error {
	listener, err := kcp.ListenWithOptions(opt.addr, opt.block, opt.fec.data, opt.fec.parity)
	if err != nil {
		return err
	}
	if err := setBuffers(listener, opt); err != nil {
		return err
	}
	if opt.dscp > 0 {
		if err := listener.SetDSCP(opt.dscp); err != nil {
			return err
		}
	}
	port := listener.Addr().(*net.UDPAddr).Port
	emit(listeningEvent{Event: "listening", Port: port})
	for {
		sess, err := listener.AcceptKCP()
		if err != nil {
			return err
		}
		life.began()
		if err := tune(sess, opt); err != nil {
			return err
		}
		openSessions.Add(1)
		emit(acceptedEvent{Event: "accepted", Remote: sess.RemoteAddr().String(), Conv: sess.GetConv()})
		go serveSession(sess, opt, life)
	}
}

func serveSession(sess *kcp.UDPSession, opt *options, life *lifetime) {
	defer life.ended()
	conv := sess.GetConv()
	var res *result
	var err error
	switch opt.work {
	case "echo":
		res, err = warmedUp(echoBack, sess, opt)
	case "sink":
		res, err = warmedUp(sink, sess, opt)
	case "source":
		if err = expectByte(sess, openByte); err == nil {
			res, err = warmedUp(source, sess, opt)
		}
	}
	if err != nil {
		openSessions.Add(-1)
		emitError(&conv, err)
		return
	}
	emitDone(opt.work, &conv, res)
}
