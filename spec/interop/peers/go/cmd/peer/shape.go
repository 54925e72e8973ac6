package main

import (
	"fmt"
	"strconv"
	"strings"
)

// shape is how many data and parity shards make a group.
type shape struct{ data, parity int }

func (s *shape) parse(text string) error {
	data, parity, _ := strings.Cut(text, "/")
	var err error
	if s.data, err = strconv.Atoi(data); err != nil {
		return err
	}
	if s.parity, err = strconv.Atoi(parity); err != nil {
		return err
	}
	// kcp-go would do without FEC, or without a decoder.
	if s.data < 1 || s.parity < 1 || s.data+s.parity > 256 {
		return fmt.Errorf("shards must be positive and 256 at most")
	}
	return nil
}
