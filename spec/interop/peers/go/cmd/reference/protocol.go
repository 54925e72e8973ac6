package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// request is one input line. Pointers tell an absent member from a zero.
type request struct {
	Op         string  `json:"op"`
	ID         string  `json:"id"`
	At         *uint32 `json:"at"`
	Conv       uint32  `json:"conv"`
	Nodelay    []int   `json:"nodelay"` // nodelay, interval, resend, nc
	SndWnd     int     `json:"sndwnd"`
	RcvWnd     int     `json:"rcvwnd"`
	Mtu        *int    `json:"mtu"`
	Stream     *bool   `json:"stream"`
	Sn         uint32  `json:"sn"`
	Rcv        uint32  `json:"rcv"`
	Hex        string  `json:"hex"`
	Full       *bool   `json:"full"`
	Regular    *bool   `json:"regular"`
	AckNoDelay bool    `json:"ackNoDelay"`
}

// reply is one output line.
type reply struct {
	Ret     int      `json:"ret"`
	Next    *uint32  `json:"next,omitempty"`
	Hex     *string  `json:"hex,omitempty"`
	Packets []string `json:"packets"`
	State   state    `json:"state"`
}

type failure struct {
	Error string `json:"error"`
}

// serve answers each input line with one output line, in order, until the
// input ends.
func serve(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	answers := json.NewEncoder(out)
	blocks := make(registry)
	// The origin of kcp-go's clock is still a real time, which the frozen clock
	// has nothing to do with.
	if err := setClock(0); err != nil {
		return err
	}
	for {
		// Not a Scanner: a line holds a whole message and has no sensible bound.
		line, readErr := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := answers.Encode(answer(blocks, line)); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

func answer(blocks registry, line []byte) any {
	var req request
	decoder := json.NewDecoder(bytes.NewReader(line))
	// A mistyped member must not pass as "use the default".
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&req); err != nil {
		return failure{err.Error()}
	}
	if n := len(req.Nodelay); n != 0 && n != 4 {
		return failure{fmt.Sprintf("nodelay needs 4 numbers, not %d", n)}
	}
	rep, err := blocks.perform(&req)
	if err != nil {
		return failure{err.Error()}
	}
	return rep
}
