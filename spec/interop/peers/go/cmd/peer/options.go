package main

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xtaci/kcp-go/v5"

	"rxkcp/peers/internal/ciphers"
)

type options struct {
	role, work, addr string

	bytes  uint64
	warmup uint64
	write  int
	seed   uint64
	sha    bool

	mtu, sndwnd, rcvwnd int
	nodelay             [4]int // nodelay, interval, resend, nc
	stream              bool
	writeDelay          bool
	ackNoDelay          bool
	sockbuf             int
	dscp                int
	rateLimit           uint
	fec                 shape // of the groups sent; the zero value: no FEC
	oob                 bool

	crypt, key, password string
	block                kcp.BlockCrypt // nil for crypt "null"

	intervalMs float64
	message    int
	duration   time.Duration
	sessions   int

	timeout    time.Duration
	hold       bool
	idleReport bool
}

var worksOf = map[string][]string{
	"server": {"echo", "sink", "source"},
	"client": {"echo", "sink", "source", "ping", "open", "connect"},
}

func parseOptions(args []string) (*options, error) {
	o := &options{nodelay: [4]int{0, 40, 2, 1}}
	f := flag.NewFlagSet("peer", flag.ContinueOnError)
	f.StringVar(&o.role, "role", "", "server or client")
	f.StringVar(&o.work, "work", "", "server: echo, sink or source; client: also ping, open or connect")
	f.StringVar(&o.addr, "addr", "127.0.0.1:0", "host:port to listen on or to dial")
	f.Uint64Var(&o.bytes, "bytes", 0, "bytes the work moves each way; 0 on an echo server means without end")
	f.Uint64Var(&o.warmup, "warmup", 0, "bytes to move before, in the same session, that do not count; the same at both ends")
	f.IntVar(&o.write, "write", 65536, "bytes in each Write")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the bytes sent")
	f.BoolVar(&o.sha, "sha", true, "hash what is sent and received; without it the bytes sent are constant")
	f.IntVar(&o.mtu, "mtu", 1400, "largest UDP payload, at most 1500; more than 1472 needs kcp-go v5.6.72")
	f.IntVar(&o.sndwnd, "sndwnd", 32, "send window in segments")
	f.IntVar(&o.rcvwnd, "rcvwnd", 32, "receive window in segments")
	f.Func("nodelay", "nodelay,interval,resend,nc (default 0,40,2,1)", o.parseNodelay)
	f.BoolVar(&o.stream, "stream", true, "stream mode, as against message mode")
	f.BoolVar(&o.writeDelay, "writedelay", false, "let Write wait for the next flush")
	f.BoolVar(&o.ackNoDelay, "acknodelay", false, "acknowledge each packet at once")
	f.IntVar(&o.sockbuf, "sockbuf", 4194304, "read and write socket buffers in bytes")
	f.IntVar(&o.dscp, "dscp", 0, "server: DSCP of the datagrams sent")
	f.UintVar(&o.rateLimit, "ratelimit", 0, "bytes a second that a session sends at most; 0 means no limit")
	f.Func("fec", "data/parity shards of a group (default: no forward error correction)", o.fec.parse)
	f.BoolVar(&o.oob, "oob", false, `tell what comes out of band; send what lines "oob <hex>" on stdin say`)
	f.StringVar(&o.crypt, "crypt", ciphers.Null, "cipher, by kcptun's name; null: none, and no header")
	f.StringVar(&o.key, "key", "", "key of the cipher in hex")
	f.StringVar(&o.password, "password", "", "what the key is derived from instead, as kcptun does")
	f.Float64Var(&o.intervalMs, "interval-ms", 20, "ping: time between messages")
	f.IntVar(&o.message, "message", 64, "ping: bytes in a message, at least 8")
	f.DurationVar(&o.duration, "duration", 10*time.Second, "ping: how long to send")
	f.IntVar(&o.sessions, "sessions", 1, "ping, open, connect: number of sessions")
	f.DurationVar(&o.timeout, "timeout", 120*time.Second, "bound of the whole run; 0 means none")
	f.BoolVar(&o.hold, "hold", false, `client: begin the work at a line "begin" on stdin, not at once`)
	f.BoolVar(&o.idleReport, "idle-report", false, `answer lines "report" and "cpu" on stdin`)
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if err := o.check(f.Args()); err != nil {
		return nil, err
	}
	return o, o.makeBlock()
}

func (o *options) parseNodelay(text string) error {
	parts := strings.Split(text, ",")
	if len(parts) != len(o.nodelay) {
		return fmt.Errorf("needs %d numbers", len(o.nodelay))
	}
	for i, part := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		o.nodelay[i] = n
	}
	return nil
}

// check refuses what would otherwise fail much later or, worse, be adjusted
// silently and falsify a measurement.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.role != "server" && o.role != "client":
		return fmt.Errorf("-role must be server or client, not %q", o.role)
	case !slices.Contains(worksOf[o.role], o.work):
		return fmt.Errorf("-work of a %s must be one of %v, not %q", o.role, worksOf[o.role], o.work)
	case o.bytes == 0 && o.movesBytes():
		return fmt.Errorf("-bytes is needed for %s", o.work)
	case o.warmup > 0 && !o.canWarmUp():
		return fmt.Errorf("-warmup is not for %s", o.work)
	case o.write < 1:
		return fmt.Errorf("-write must be positive")
	case o.hold && o.role != "client":
		return fmt.Errorf("-hold is for clients")
	case o.mtu < 50 || o.mtu > 1500:
		return fmt.Errorf("-mtu must be from 50 to 1500")
	case o.sndwnd < 1 || o.rcvwnd < 1 || o.rcvwnd > math.MaxUint16:
		return fmt.Errorf("windows must be positive and -rcvwnd must fit 16 bits")
	case o.crypt == ciphers.Null && (o.key != "" || o.password != ""):
		return fmt.Errorf("-key and -password need -crypt")
	case o.crypt != ciphers.Null && (o.key == "") == (o.password == ""):
		return fmt.Errorf("-crypt %s needs one of -key and -password", o.crypt)
	case o.intervalMs <= 0 || o.duration <= 0:
		return fmt.Errorf("-interval-ms and -duration must be positive")
	case o.message < 8:
		return fmt.Errorf("-message must be at least 8")
	case o.dscp < 0 || o.dscp > 63 || o.rateLimit > math.MaxUint32:
		return fmt.Errorf("-dscp must be from 0 to 63 and -ratelimit must fit 32 bits")
	case o.sessions < 1:
		return fmt.Errorf("-sessions must be positive")
	}
	return nil
}

// makeBlock makes the cipher of the session.
func (o *options) makeBlock() error {
	key, err := hex.DecodeString(o.key)
	if err != nil {
		return fmt.Errorf("-key: %w", err)
	}
	if o.password != "" {
		if key, err = ciphers.DeriveKey(o.crypt, o.password); err != nil {
			return fmt.Errorf("-crypt: %w", err)
		}
	}
	if o.block, err = ciphers.New(o.crypt, key); err != nil {
		return fmt.Errorf("-crypt: %w", err)
	}
	return nil
}

// canWarmUp tells whether the work moves a number of bytes, or could.
func (o *options) canWarmUp() bool { return o.work == "echo" || o.movesBytes() }

// movesBytes tells whether the work ends after a number of bytes that has to be
// given.
func (o *options) movesBytes() bool {
	switch o.work {
	case "ping", "open", "connect":
		return false
	case "echo":
		return o.role == "client"
	}
	return true
}
