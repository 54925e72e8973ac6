// Command muxpeer is one end of a smux session over kcp-go, with the flags, works and events of bench/endpoints/mux-peer.ts, which
// describes them. It ends when its standard input closes.
package main

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"sync"
	"syscall"
	"time"

	"github.com/xtaci/kcp-go/v5"
	"github.com/xtaci/smux"
)

const (
	chunkBytes = 65536
	pingBytes  = 64
	pace       = 10 * time.Millisecond
	warmup     = time.Second
)

var (
	role    = flag.String("role", "server", "server or client")
	work    = flag.String("work", "sink", "sink or ping")
	addr    = flag.String("addr", "127.0.0.1:0", "where to listen, or whom to dial")
	streams = flag.Int("streams", 1, "streams to send over; 0 for no mux")
	bytes   = flag.Int("bytes", 0, "bytes to send over all of them")
	bulk    = flag.Int("bulk", 0, "streams that are written to without end")
	seconds = flag.Int("seconds", 5, "seconds of pings")
)

func main() {
	flag.Parse()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var err error
	if *role == "server" {
		err = serve()
	} else {
		err = ask()
	}
	if err != nil {
		report("error", map[string]any{"message": err.Error()})
		os.Exit(1)
	}
}

func report(event string, fields map[string]any) {
	line := map[string]any{"event": event}
	for name, value := range fields {
		line[name] = value
	}
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func tuned(conn *kcp.UDPSession) *kcp.UDPSession {
	conn.SetStreamMode(true)
	conn.SetWriteDelay(false)
	conn.SetNoDelay(1, 10, 2, 1)
	conn.SetWindowSize(1024, 1024)
	conn.SetMtu(1400)
	return conn
}

func config() *smux.Config {
	config := smux.DefaultConfig()
	config.Version = 2
	config.MaxReceiveBuffer = 16 << 20
	config.MaxStreamBuffer = 2 << 20
	return config
}

func serve() error {
	listener, err := kcp.ListenWithOptions(*addr, nil, 0, 0)
	if err != nil {
		return err
	}
	_ = listener.SetReadBuffer(4 << 20)
	_ = listener.SetWriteBuffer(4 << 20)
	var port int
	if _, err := fmt.Sscanf(listener.Addr().String(), "127.0.0.1:%d", &port); err != nil {
		return err
	}
	report("listening", map[string]any{"port": port})
	for {
		conn, err := listener.AcceptKCP()
		if err != nil {
			return err
		}
		tuned(conn)
		if *streams == 0 {
			go sinkWhole(conn)
			continue
		}
		session, err := smux.Server(conn, config())
		if err != nil {
			return err
		}
		go answerAll(session)
	}
}

// sinkWhole reads as many bytes as the first eight say, again and again, and answers each time.
func sinkWhole(conn io.ReadWriter) {
	var length [8]byte
	for {
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		left := int64(math.Float64frombits(binary.BigEndian.Uint64(length[:])))
		if _, err := io.CopyN(io.Discard, conn, left); err != nil {
			return
		}
		if _, err := conn.Write([]byte{1}); err != nil {
			return
		}
	}
}

func answerAll(session *smux.Session) {
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		go answer(stream)
	}
}

func answer(stream *smux.Stream) {
	var kind [1]byte
	if _, err := io.ReadFull(stream, kind[:]); err != nil {
		return
	}
	if kind[0] == 'e' {
		_, _ = io.Copy(stream, stream)
		return
	}
	_, _ = io.Copy(io.Discard, stream)
	_, _ = stream.Write([]byte{1})
	_ = stream.Close()
}

func ask() error {
	conn, err := kcp.DialWithOptions(*addr, nil, 0, 0)
	if err != nil {
		return err
	}
	_ = conn.SetReadBuffer(4 << 20)
	_ = conn.SetWriteBuffer(4 << 20)
	tuned(conn)
	if *work == "sink" && *streams == 0 {
		return measured(func() error { return sendWhole(conn) })
	}
	session, err := smux.Client(conn, config())
	if err != nil {
		return err
	}
	if *work == "sink" {
		return measured(func() error { return sendMuxed(session) })
	}
	return ping(session)
}

// measured does it twice, and reports the second time.
func measured(send func() error) error {
	if err := send(); err != nil {
		return err
	}
	before, began := cpu(), time.Now()
	if err := send(); err != nil {
		return err
	}
	report("done", map[string]any{"seconds": time.Since(began).Seconds(), "cpuSeconds": (cpu() - before).Seconds()})
	return nil
}

func cpu() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func sendWhole(conn io.ReadWriter) error {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], math.Float64bits(float64(*bytes)))
	if _, err := conn.Write(length[:]); err != nil {
		return err
	}
	if err := write(conn, *bytes); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, length[:1])
	return err
}

func sendMuxed(session *smux.Session) error {
	var all sync.WaitGroup
	failures := make(chan error, *streams)
	for range *streams {
		all.Go(func() {
			stream, err := session.OpenStream()
			if err == nil {
				_, err = stream.Write([]byte{'s'})
			}
			if err == nil {
				err = write(stream, *bytes / *streams)
			}
			if err == nil {
				err = stream.CloseWrite()
			}
			if err == nil {
				_, err = io.ReadFull(stream, make([]byte, 1))
			}
			if err != nil {
				failures <- err
				return
			}
			_ = stream.Close()
		})
	}
	all.Wait()
	close(failures)
	return <-failures
}

func write(to io.Writer, bytes int) error {
	chunk := make([]byte, chunkBytes)
	for left := bytes; left > 0; left -= chunkBytes {
		if _, err := to.Write(chunk[:min(left, chunkBytes)]); err != nil {
			return err
		}
	}
	return nil
}

func ping(session *smux.Session) error {
	for range *bulk {
		stream, err := session.OpenStream()
		if err != nil {
			return err
		}
		go func() {
			_, _ = stream.Write([]byte{'s'})
			_ = write(stream, math.MaxInt)
		}()
	}
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	if _, err := stream.Write([]byte{'e'}); err != nil {
		return err
	}
	count := int((warmup + time.Duration(*seconds)*time.Second) / pace)
	sentAt := make(chan time.Time, count)
	took := make([]float64, 0, count)
	done := make(chan struct{})
	go func() {
		defer close(done)
		message := make([]byte, pingBytes)
		for range count {
			if _, err := io.ReadFull(stream, message); err != nil {
				return
			}
			took = append(took, float64(time.Since(<-sentAt).Microseconds())/1000)
		}
	}()
	for range count {
		sentAt <- time.Now()
		if _, err := stream.Write(make([]byte, pingBytes)); err != nil {
			return err
		}
		time.Sleep(pace)
	}
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		return fmt.Errorf("%d of %d pings came back", len(took), count)
	}
	counted := took[int(warmup/pace):]
	sort.Float64s(counted)
	at := func(share float64) float64 { return counted[int(share*float64(len(counted)))] }
	report("done", map[string]any{"p50": at(0.5), "p99": at(0.99)})
	return nil
}
