package main

import (
	"encoding/hex"

	"github.com/xtaci/kcp-go/v5"
)

// block is one control block and what it has output during one operation.
type block struct {
	kcp     *kcp.KCP
	packets []string
}

func newBlock(req *request) *block {
	b := &block{}
	b.kcp = kcp.NewKCP(req.Conv, func(buf []byte, size int) {
		// The control block outputs an empty buffer when a segment exceeds a
		// lowered MTU. Sessions drop everything shorter than a header, so such
		// an output never was a packet.
		if size >= kcp.IKCP_OVERHEAD {
			b.packets = append(b.packets, hex.EncodeToString(buf[:size]))
		}
	})
	*field[uint32](b.kcp, "snd_una") = req.Sn
	*field[uint32](b.kcp, "snd_nxt") = req.Sn
	*field[uint32](b.kcp, "rcv_nxt") = req.Rcv
	return b
}

type operation func(b *block, req *request, rep *reply) error

var operations = map[string]operation{
	"new":   configure,
	"set":   configure,
	"send":  send,
	"flush": flush,
	"input": input,
	"recv":  recv,
	"state": func(*block, *request, *reply) error { return nil },
}

func configure(b *block, req *request, rep *reply) error {
	if n := req.Nodelay; len(n) == 4 {
		b.kcp.NoDelay(n[0], n[1], n[2], n[3])
	}
	// WndSize leaves a window alone when it is given 0.
	b.kcp.WndSize(req.SndWnd, req.RcvWnd)
	if req.Stream != nil {
		*field[int32](b.kcp, "stream") = 0
		if *req.Stream {
			*field[int32](b.kcp, "stream") = 1
		}
	}
	if req.Mtu != nil {
		rep.Ret = b.kcp.SetMtu(*req.Mtu)
	}
	return nil
}

func send(b *block, req *request, rep *reply) error {
	data, err := hex.DecodeString(req.Hex)
	if err != nil {
		return err
	}
	rep.Ret = b.kcp.Send(data)
	return nil
}

func flush(b *block, req *request, rep *reply) error {
	kind := kcp.IKCP_FLUSH_FULL
	if !orTrue(req.Full) {
		kind = kcp.IKCP_FLUSH_ACKONLY
	}
	next := kcpFlush(b.kcp, kcp.FlushType(kind))
	rep.Next = &next
	return nil
}

func input(b *block, req *request, rep *reply) error {
	data, err := hex.DecodeString(req.Hex)
	if err != nil {
		return err
	}
	kind := kcp.IKCP_PACKET_REGULAR
	if !orTrue(req.Regular) {
		kind = kcp.IKCP_PACKET_FEC
	}
	rep.Ret = b.kcp.Input(data, kind, req.AckNoDelay)
	return nil
}

func recv(b *block, req *request, rep *reply) error {
	buf := make([]byte, max(b.kcp.PeekSize(), 0))
	rep.Ret = b.kcp.Recv(buf)
	if rep.Ret >= 0 {
		message := hex.EncodeToString(buf[:rep.Ret])
		rep.Hex = &message
	}
	return nil
}

func orTrue(given *bool) bool { return given == nil || *given }
