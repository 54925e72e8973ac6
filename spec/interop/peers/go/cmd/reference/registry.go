package main

import (
	"fmt"
	"slices"
)

// registry holds the control blocks of one run by id.
type registry map[string]*block

// perform runs one operation. Every operation that reads the clock reads the
// same virtual millisecond; without "at" it stays where it was.
func (r registry) perform(req *request) (rep *reply, err error) {
	// Hostile input can make kcp-go panic. That is a result worth reporting,
	// but the block is half changed afterwards and must not be used again.
	defer func() {
		if p := recover(); p != nil {
			delete(r, req.ID)
			rep, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()

	if req.At != nil {
		if err := setClock(*req.At); err != nil {
			return nil, err
		}
	}
	op, known := operations[req.Op]
	if !known {
		return nil, fmt.Errorf("unknown op %q", req.Op)
	}
	if req.Op == "new" {
		r[req.ID] = newBlock(req)
	}
	b := r[req.ID]
	if b == nil {
		return nil, fmt.Errorf("unknown id %q", req.ID)
	}

	rep = &reply{}
	b.packets = []string{}
	if err := op(b, req, rep); err != nil {
		return nil, err
	}
	rep.Packets = slices.Clone(b.packets)
	rep.State = stateOf(b.kcp)
	return rep, nil
}
