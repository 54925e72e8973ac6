package main

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// A header is 24 bytes; these are the hex positions of the fields used below.
const (
	hexCmd = 8
	hexTs  = 16
	hexSn  = 24
	hexUna = 32
)

// talk runs the protocol over pipes and hands the test a function that sends
// one line and returns the reply.
func talk(t *testing.T, script func(t *testing.T, ask func(line string) reply)) {
	synctest.Test(t, func(t *testing.T) {
		in, toServer := io.Pipe()
		fromServer, out := io.Pipe()
		go func() { out.CloseWithError(serve(in, out)) }()
		replies := bufio.NewReader(fromServer)
		script(t, func(line string) reply {
			t.Helper()
			if _, err := io.WriteString(toServer, line+"\n"); err != nil {
				t.Fatal(err)
			}
			text, err := replies.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(text, `{"error"`) {
				t.Fatalf("%s: %s", line, text)
			}
			var rep reply
			if err := json.Unmarshal([]byte(text), &rep); err != nil {
				t.Fatal(err)
			}
			return rep
		})
		toServer.Close()
		io.Copy(io.Discard, replies)
	})
}

func only(t *testing.T, rep reply) string {
	t.Helper()
	if len(rep.Packets) != 1 {
		t.Fatalf("%d packets instead of 1: %v", len(rep.Packets), rep.Packets)
	}
	return rep.Packets[0]
}

func expect(t *testing.T, packet string, at int, want string) {
	t.Helper()
	if got := packet[at : at+len(want)]; got != want {
		t.Fatalf("%s at hex position %d instead of %s in %s", got, at, want, packet)
	}
}

// Clock and sequence numbers wrap while a segment is lost and sent again.
func TestConversationAcrossWrap(t *testing.T) {
	talk(t, func(t *testing.T, ask func(string) reply) {
		// Sending starts 100 ms before the clock wraps.
		ask(`{"op":"new","id":"a","conv":7,"nodelay":[1,10,0,1],"sn":4294967294,"at":4294967196}`)
		ask(`{"op":"new","id":"b","conv":7,"nodelay":[1,10,0,1],"rcv":4294967294}`)
		for _, message := range []string{"aa", "bb", "cc", "dd"} {
			ask(`{"op":"send","id":"a","hex":"` + message + `"}`)
		}
		lost := only(t, ask(`{"op":"flush","id":"a","at":4294967196}`))
		expect(t, lost, hexTs, "9cffffff")
		expect(t, lost, hexSn, "feffffff")

		// The timeout of 200 ms ends at 100, not at 99.
		if rep := ask(`{"op":"flush","id":"a","at":99}`); len(rep.Packets) != 0 {
			t.Fatalf("sent again too early: %v", rep.Packets)
		} else if *rep.Next != 1 {
			t.Fatalf("next flush in %d ms instead of 1", *rep.Next)
		}
		again := only(t, ask(`{"op":"flush","id":"a","at":100}`))
		expect(t, again, hexTs, "64000000")

		rep := ask(`{"op":"input","id":"b","at":110,"hex":"` + again + `"}`)
		if rep.State.RcvNxt != 2 || rep.State.Unread != 4 || rep.State.Acks != 4 {
			t.Fatalf("receiver after the wrap: %+v", rep.State)
		}
		for _, want := range []string{"aa", "bb", "cc", "dd"} {
			if rep := ask(`{"op":"recv","id":"b"}`); *rep.Hex != want {
				t.Fatalf("received %s instead of %s", *rep.Hex, want)
			}
		}
		if rep := ask(`{"op":"recv","id":"b"}`); rep.Ret != -1 || rep.Hex != nil {
			t.Fatalf("nothing is left to receive: %+v", rep)
		}

		// Everything is below rcv_nxt, so of four acknowledgements one is sent.
		ack := only(t, ask(`{"op":"flush","id":"b","at":120,"full":false}`))
		expect(t, ack, hexCmd, "52")
		expect(t, ack, hexSn, "01000000")
		expect(t, ack, hexUna, "02000000")
		rep = ask(`{"op":"input","id":"a","at":130,"hex":"` + ack + `"}`)
		if s := rep.State; s.SndUna != 2 || s.Inflight != 0 || s.Srtt != 30 || s.Rto != 90 {
			t.Fatalf("sender after the acknowledgement: %+v", s)
		}
	})
}

func TestFastRetransmit(t *testing.T) {
	talk(t, func(t *testing.T, ask func(string) reply) {
		ask(`{"op":"new","id":"a","conv":7,"nodelay":[1,10,2,1],"mtu":25,"at":0}`)
		ask(`{"op":"new","id":"b","conv":7,"nodelay":[1,10,2,1]}`)
		ask(`{"op":"send","id":"a","hex":"00010203"}`)
		sent := ask(`{"op":"flush","id":"a","at":0}`).Packets
		if len(sent) != 4 {
			t.Fatalf("%d packets for 4 fragments", len(sent))
		}
		// Segment 0 is lost; the acknowledgements of 1, 2 and 3 pass it.
		for _, packet := range sent[1:] {
			ask(`{"op":"input","id":"b","at":10,"hex":"` + packet + `"}`)
		}
		acks := only(t, ask(`{"op":"flush","id":"b","at":10}`))
		again := only(t, ask(`{"op":"input","id":"a","at":20,"hex":"`+acks+`"}`))
		expect(t, again, hexSn, "00000000")
		rep := ask(`{"op":"input","id":"b","at":30,"ackNoDelay":true,"hex":"` + again + `"}`)
		expect(t, only(t, rep), hexUna, "04000000")
		if rep := ask(`{"op":"recv","id":"b"}`); *rep.Hex != "00010203" {
			t.Fatalf("received %s", *rep.Hex)
		}
	})
}
