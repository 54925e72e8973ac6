// Command smux is one end of a smux session over kcp-go: the other side of interop tests. Both ends of a session do the same: each opens
// streams, writes to them, half-closes and expects the SHA-256 of what it wrote; and each answers so on the streams of the other. It
// reports in JSON lines on standard output and ends when its standard input closes.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/xtaci/kcp-go/v5"
	"github.com/xtaci/smux"
)

type options struct {
	addr    string
	version int
	streams int
	bytes   int
	window  int
}

var printing sync.Mutex

func report(event string, fields map[string]any) {
	printing.Lock()
	defer printing.Unlock()
	line := map[string]any{"event": event}
	for name, value := range fields {
		line[name] = value
	}
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func main() {
	var opt options
	role := flag.String("role", "server", "server or client")
	flag.StringVar(&opt.addr, "addr", "127.0.0.1:0", "where to listen, or whom to dial")
	flag.IntVar(&opt.version, "version", 2, "version of smux")
	flag.IntVar(&opt.streams, "streams", 1, "streams to open")
	flag.IntVar(&opt.bytes, "bytes", 1, "bytes to write to each stream")
	flag.IntVar(&opt.window, "window", 1024, "both windows, in segments")
	flag.Parse()

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var err error
	if *role == "server" {
		err = serve(opt)
	} else {
		err = dial(opt)
	}
	if err != nil {
		report("error", map[string]any{"message": err.Error()})
		os.Exit(1)
	}
	select {}
}

func serve(opt options) error {
	listener, err := kcp.ListenWithOptions(opt.addr, nil, 0, 0)
	if err != nil {
		return err
	}
	var port int
	if _, err := fmt.Sscanf(listener.Addr().String(), "127.0.0.1:%d", &port); err != nil {
		return err
	}
	report("listening", map[string]any{"port": port})
	conn, err := listener.AcceptKCP()
	if err != nil {
		return err
	}
	session, err := smux.Server(tuned(conn, opt), config(opt))
	if err != nil {
		return err
	}
	return work(session, opt)
}

func dial(opt options) error {
	conn, err := kcp.DialWithOptions(opt.addr, nil, 0, 0)
	if err != nil {
		return err
	}
	session, err := smux.Client(tuned(conn, opt), config(opt))
	if err != nil {
		return err
	}
	return work(session, opt)
}

func tuned(conn *kcp.UDPSession, opt options) *kcp.UDPSession {
	conn.SetStreamMode(true)
	conn.SetNoDelay(1, 10, 2, 1)
	conn.SetWindowSize(opt.window, opt.window)
	return conn
}

func config(opt options) *smux.Config {
	config := smux.DefaultConfig()
	config.Version = opt.version
	return config
}

// work opens streams and answers those of the peer.
func work(session *smux.Session, opt options) error {
	var answered atomic.Int64
	go func() {
		for {
			stream, err := session.AcceptStream()
			if err != nil {
				report("closed", map[string]any{"message": err.Error()})
				return
			}
			go func() {
				if err := answer(stream); err != nil {
					report("failed", map[string]any{"id": stream.ID(), "message": err.Error()})
					return
				}
				answered.Add(1)
			}()
		}
	}()
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	for i := 0; i < opt.streams; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := ask(session, opt.bytes); err != nil {
				failed.Store(&err)
			}
		}()
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	report("done", map[string]any{"asked": opt.streams, "answered": answered.Load()})
	return nil
}

// answer reads a stream to its end, and writes the hash of what it has read.
func answer(stream *smux.Stream) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, stream); err != nil {
		return err
	}
	if _, err := stream.Write([]byte(hex.EncodeToString(hash.Sum(nil)))); err != nil {
		return err
	}
	return stream.CloseWrite()
}

// ask writes to a stream, half-closes it, and expects the hash of what it has written.
func ask(session *smux.Session, bytes int) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	sent := make([]byte, bytes)
	_, _ = rand.Read(sent)
	if _, err := stream.Write(sent); err != nil {
		return err
	}
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	got, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(sent)
	if string(got) != hex.EncodeToString(hash[:]) {
		return errors.New("the peer has read something else")
	}
	// With both ends finished the stream has closed itself, and says so.
	_ = stream.Close()
	return nil
}
