package main

import (
	"encoding/hex"

	"github.com/xtaci/kcp-go/v5"
)

// tellOutOfBand emits what comes out of band from now on. Without FEC kcp-go
// refuses that; what is sent tells, see sendOutOfBand.
func tellOutOfBand(sess *kcp.UDPSession) {
	conv := sess.GetConv()
	_ = sess.SetOOBHandler(func(payload []byte) {
		emit(oobEvent{Event: "oob", Conv: conv, Payload: hex.EncodeToString(payload)})
	})
}

// sendOutOfBand sends bytes, given in hex, and tells how that went.
func sendOutOfBand(sess *kcp.UDPSession, text string) error {
	payload, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	sent := oobSentEvent{Event: "oobSent", Max: sess.GetOOBMaxSize()}
	if err := sess.SendOOB(payload); err != nil {
		sent.Error = err.Error()
	}
	emit(sent)
	return nil
}
