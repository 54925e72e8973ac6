package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/xtaci/kcp-go/v5"
)

// A record of what kcp-go does, and why this project's sessions do not change
// the shape of their groups: kcp-go's decoder goes back to the shape it had
// when it sees a change, since it asks its oldest samples. Meanwhile it rebuilds
// with the wrong matrix, whatever happens to fit.

//go:linkname kcpNewFECDecoder github.com/xtaci/kcp-go/v5.newFECDecoder
func kcpNewFECDecoder(dataShards, parityShards int) unsafe.Pointer

//go:linkname kcpDecode github.com/xtaci/kcp-go/v5.(*fecDecoder).decode
func kcpDecode(decoder unsafe.Pointer, packet []byte) [][]byte

//go:linkname kcpEncode github.com/xtaci/kcp-go/v5.(*fecEncoder).encode
func kcpEncode(encoder unsafe.Pointer, packet []byte, rto uint32) [][]byte

const (
	conv       = 0x12345678
	groups     = 20 // of the first shape
	packets    = 600
	fecHeaders = 8
	// pushAndConv are the bytes that a packet with data begins with.
	pushAndConv = "\x78\x56\x34\x12\x51\x00"
)

// carried is what a stream looks like to a kcp-go end behind its FEC decoder
// when the shape changes at the end of a group.
type carried struct {
	sent, received []byte
	invented       [][]byte // packets rebuilt that nobody sent
}

// carry loses what lost says, nothing if that is nil.
func carry(t *testing.T, before, after shape, lost func() bool) carried {
	t.Helper()
	var c carried
	sent := map[string]bool{}
	var queue [][]byte
	sender := kcp.NewKCP(conv, func(buf []byte, size int) {
		queue = append(queue, append(make([]byte, fecHeaders), buf[:size]...))
	})
	receiver := kcp.NewKCP(conv, func([]byte, int) {})
	for _, end := range []*kcp.KCP{sender, receiver} {
		end.NoDelay(1, 10, 2, 1)
		end.WndSize(1024, 1024)
	}
	window := make([]byte, kcp.IKCP_OVERHEAD) // as told by the other end
	binary.LittleEndian.PutUint32(window, conv)
	window[4] = kcp.IKCP_CMD_WINS
	binary.LittleEndian.PutUint16(window[6:], 1024)
	sender.Input(window, kcp.IKCP_PACKET_REGULAR, false)
	random := rand.New(rand.NewPCG(1, 1))
	message := make([]byte, kcp.IKCP_MTU_DEF-kcp.IKCP_OVERHEAD)
	for range packets {
		for i := range message {
			message[i] = byte(random.Uint32())
		}
		c.sent = append(c.sent, message...)
		sender.Send(message)
	}
	sender.Update()
	if len(queue) != packets {
		t.Fatalf("%d packets instead of %d", len(queue), packets)
	}
	for _, packet := range queue {
		sent[string(packet[fecHeaders:])] = true
	}

	decoder := kcpNewFECDecoder(before.data, before.parity)
	take := func(packet []byte) {
		if binary.LittleEndian.Uint16(packet[4:]) == 0xf1 {
			receiver.Input(packet[fecHeaders:], kcp.IKCP_PACKET_REGULAR, false)
		}
		for _, shard := range kcpDecode(decoder, packet) {
			size := int(binary.LittleEndian.Uint16(shard))
			if size < 2 || size > len(shard) {
				continue
			}
			if !sent[string(shard[2:size])] {
				c.invented = append(c.invented, bytes.Clone(shard[2:size]))
			}
			receiver.Input(shard[2:size], kcp.IKCP_PACKET_FEC, false)
		}
	}
	encoder := kcpNewFECEncoder(before.data, before.parity, 0)
	next := uint32(0)
	for i, packet := range queue {
		if i == groups*before.data {
			encoder = kcpNewFECEncoder(after.data, after.parity, 0)
			size := uint32(after.data + after.parity)
			next = (uint32(groups*(before.data+before.parity)) + size - 1) / size * size
		}
		parity := kcpEncode(encoder, packet, 60_000)
		for _, numbered := range append([][]byte{packet}, parity...) {
			binary.LittleEndian.PutUint32(numbered, binary.LittleEndian.Uint32(numbered)+next)
			if lost == nil || !lost() {
				take(numbered)
			}
		}
	}
	for size := receiver.PeekSize(); size > 0; size = receiver.PeekSize() {
		buf := make([]byte, size)
		receiver.Recv(buf)
		c.received = append(c.received, buf...)
	}
	return c
}

func TestChangedShapeMakesKcpGoDeliverWhatNobodySent(t *testing.T) {
	c := carry(t, shape{3, 1}, shape{10, 3}, nil)
	looksRight := 0
	for _, packet := range c.invented {
		if bytes.HasPrefix(packet, []byte(pushAndConv)) {
			looksRight++
		}
	}
	t.Logf("%d packets rebuilt that nobody sent, %d of them like packets with data", len(c.invented), looksRight)
	if looksRight == 0 {
		t.Error("nothing was made up")
	}
	if bytes.Equal(c.sent, c.received) {
		t.Error("what was received is what was sent")
	}
}

// The other way round too little of a group of the old shape ever fits (of any
// 13 packets in a row at most 8 + 1, and 10 are needed), unless the packets
// that would show the change are lost.
func TestShapeMayChangeTheOtherWayOnlyWhereNothingIsLost(t *testing.T) {
	c := carry(t, shape{10, 3}, shape{3, 1}, nil)
	if len(c.invented) > 0 {
		t.Errorf("%d packets rebuilt that nobody sent", len(c.invented))
	}
	if !bytes.Equal(c.sent, c.received) {
		t.Error("what was received is not what was sent")
	}
	const runs = 20
	misled := 0
	for seed := range uint64(runs) {
		random := rand.New(rand.NewPCG(seed, 2))
		lost := func() bool { return random.IntN(50) == 0 }
		if len(carry(t, shape{10, 3}, shape{3, 1}, lost).invented) > 0 {
			misled++
		}
	}
	t.Logf("at 2 %% loss packets that nobody sent were rebuilt in %d of %d runs", misled, runs)
	if misled == 0 {
		t.Error("nothing was made up")
	}
}
