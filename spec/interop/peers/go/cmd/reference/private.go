package main

import (
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/xtaci/kcp-go/v5"
)

// The control block is driven by three things kcp-go does not export: the
// origin of its clock, the clock itself (to check the origin), and flush, which
// its sessions call directly instead of the deprecated Update.

//go:linkname kcpRefTime github.com/xtaci/kcp-go/v5.refTime
var kcpRefTime time.Time

//go:linkname kcpCurrentMs github.com/xtaci/kcp-go/v5.currentMs
func kcpCurrentMs() uint32

//go:linkname kcpFlush github.com/xtaci/kcp-go/v5.(*KCP).flush
func kcpFlush(k *kcp.KCP, kind kcp.FlushType) uint32

// locate finds a private field by name. A missing field means that go.mod pins
// a version this program was not written for, so there is nothing to recover.
func locate(k *kcp.KCP, name string) (reflect.Type, unsafe.Pointer) {
	f, ok := reflect.TypeFor[kcp.KCP]().FieldByName(name)
	if !ok {
		panic(fmt.Sprintf("kcp.KCP has no field %s", name))
	}
	return f.Type, unsafe.Add(unsafe.Pointer(k), f.Offset)
}

// field returns a pointer to a private field of type T.
func field[T any](k *kcp.KCP, name string) *T {
	typ, ptr := locate(k, name)
	if want := reflect.TypeFor[T](); typ != want {
		panic(fmt.Sprintf("kcp.KCP.%s is %v, not %v", name, typ, want))
	}
	return (*T)(ptr)
}

// length returns how many items a private queue or slice holds.
func length(k *kcp.KCP, name string) int {
	typ, ptr := locate(k, name)
	v := reflect.NewAt(typ, ptr).Elem()
	if v.Kind() == reflect.Slice {
		return v.Len()
	}
	return int(v.MethodByName("Len").Call(nil)[0].Int())
}
