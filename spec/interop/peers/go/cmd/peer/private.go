package main

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/xtaci/kcp-go/v5"
)

// kcp-go has no way to change the shape of a session's groups, though its
// decoder follows such a change. What it takes is not exported; all of this
// belongs to the versions that are pinned, and panics with another one.

// encoder is a kcp-go fecEncoder, known by its address only.
type encoder = unsafe.Pointer

//go:linkname kcpNewFECEncoder github.com/xtaci/kcp-go/v5.newFECEncoder
func kcpNewFECEncoder(dataShards, parityShards, offset int) encoder

// field is a private field of what v points to.
func field(v reflect.Value, name string) reflect.Value {
	f := v.Elem().FieldByName(name)
	if !f.IsValid() {
		panic(fmt.Sprintf("%v has no field %s", v.Elem().Type(), name))
	}
	return reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
}

// changeShape gives a session an encoder of another shape, at the end
// of a group. Seqids go on from there, at the next one that begins a group of
// the new shape.
func changeShape(sess *kcp.UDPSession, text string) error {
	var s shape
	if err := s.parse(text); err != nil {
		return err
	}
	for {
		if trySwap(sess, s) {
			emit(fecEvent{Event: "fec"})
			return nil
		}
		time.Sleep(time.Millisecond)
	}
}

// trySwap does it, unless a group is under way right now.
func trySwap(sess *kcp.UDPSession, s shape) bool {
	session := reflect.ValueOf(sess)
	// Packets are queued under this lock, and encoded, in the order of the queue,
	// by a goroutine that knows no lock.
	mu := field(session, "mu").Addr().Interface().(*sync.Mutex)
	mu.Lock()
	defer mu.Unlock()
	for hasQueued(session) {
		time.Sleep(100 * time.Microsecond)
	}
	time.Sleep(2 * time.Millisecond) // for the last one of them
	old := field(session, "fecEncoder")
	if field(old, "shardCount").Int() > 0 {
		return false
	}
	size := uint32(s.data + s.parity)
	first := (uint32(field(old, "next").Uint()) + size - 1) / size * size
	offset := int(field(old, "headerOffset").Int())
	changed := reflect.NewAt(old.Type().Elem(), kcpNewFECEncoder(s.data, s.parity, offset))
	field(changed, "next").SetUint(uint64(first))
	old.Set(changed)
	return true
}

// hasQueued tells whether packets of the session wait to be encoded: in a
// channel of its own up to v5.6.72, then in a queue that workers empty.
func hasQueued(session reflect.Value) bool {
	if queue := session.Elem().FieldByName("chPostProcessing"); queue.IsValid() {
		return queue.Len() > 0
	}
	queue := field(session, "postQueue").Addr()
	mu := field(queue, "mu").Addr().Interface().(*sync.Mutex)
	mu.Lock()
	defer mu.Unlock()
	isRunning := field(session, "ppRunning").Addr().Interface().(*atomic.Bool)
	return field(queue, "q").Len() > int(field(queue, "head").Int()) || isRunning.Load()
}
