package main

import (
	"encoding/hex"
	"sync/atomic"

	"github.com/xtaci/kcp-go/v5"
)

// newest is the session that commands are about: the one dialled or accepted
// last.
var newest atomic.Pointer[kcp.UDPSession]

// tellOutOfBand emits what comes out of band from now on. Without FEC kcp-go
// refuses that; what is sent tells, see sendOutOfBand.
func tellOutOfBand(sess *kcp.UDPSession) {
	conv := sess.GetConv()
	_ = sess.SetOOBHandler(func(payload []byte) {
		emit(oobEvent{Event: "oob", Conv: conv, Payload: hex.EncodeToString(payload)})
	})
}

// sendOutOfBand sends bytes, given in hex, and tells how that went.
func sendOutOfBand(text string) {
	sess := newest.Load()
	payload, err := hex.DecodeString(text)
	if err == nil {
		err = sess.SendOOB(payload)
	}
	sent := oobSentEvent{Event: "oobSent", Max: sess.GetOOBMaxSize()}
	if err != nil {
		sent.Error = err.Error()
	}
	emit(sent)
}
