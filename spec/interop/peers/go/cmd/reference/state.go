package main

import "github.com/xtaci/kcp-go/v5"

// state is what a reply tells about the inside of a control block.
type state struct {
	SndUna     uint32 `json:"sndUna"`
	SndNxt     uint32 `json:"sndNxt"`
	RcvNxt     uint32 `json:"rcvNxt"`
	Cwnd       uint32 `json:"cwnd"`
	Ssthresh   uint32 `json:"ssthresh"`
	Incr       uint32 `json:"incr"`
	Rto        uint32 `json:"rto"`
	Srtt       int32  `json:"srtt"`
	RttVar     int32  `json:"rttvar"`
	RmtWnd     uint32 `json:"rmtWnd"`
	Queued     int    `json:"queued"`     // waiting for the send window
	Inflight   int    `json:"inflight"`   // in the send window, acknowledged out of order or not
	Unread     int    `json:"unread"`     // in order, waiting for recv
	OutOfOrder int    `json:"outOfOrder"` // received beyond a gap, or beyond a full receive queue
	Acks       int    `json:"acks"`       // acknowledgements not yet sent
	Probe      uint32 `json:"probe"`
	TsProbe    uint32 `json:"tsProbe"`
	ProbeWait  uint32 `json:"probeWait"`
	Dead       bool   `json:"dead"` // a segment was sent dead_link times; nothing else follows from it
}

func stateOf(k *kcp.KCP) state {
	u := func(name string) uint32 { return *field[uint32](k, name) }
	return state{
		SndUna:     u("snd_una"),
		SndNxt:     u("snd_nxt"),
		RcvNxt:     u("rcv_nxt"),
		Cwnd:       u("cwnd"),
		Ssthresh:   u("ssthresh"),
		Incr:       u("incr"),
		Rto:        u("rx_rto"),
		Srtt:       *field[int32](k, "rx_srtt"),
		RttVar:     *field[int32](k, "rx_rttvar"),
		RmtWnd:     u("rmt_wnd"),
		Queued:     length(k, "snd_queue"),
		Inflight:   length(k, "snd_buf"),
		Unread:     length(k, "rcv_queue"),
		OutOfOrder: length(k, "rcv_buf"),
		Acks:       length(k, "acklist"),
		Probe:      u("probe"),
		TsProbe:    u("ts_probe"),
		ProbeWait:  u("probe_wait"),
		Dead:       u("state") != 0,
	}
}
