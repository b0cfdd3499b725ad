package zoo

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

type config struct {
	Rate int    `json:"rate"`
	Out  string `json:"out"`
}

func (s *stream) config() (c config, err error) {
	err = json.Unmarshal(s.open.Instances[0].Config, &c)
	return c, err
}

// source emits numbered events at a rate. What it has emitted is the position.
func (s *stream) source() error {
	c, err := s.config()
	if err != nil {
		return err
	}
	in := make(chan *pb.ToPlugin)
	go s.receive(in)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var next, id, room uint64 = 0, 1, 1
	started := false
	for {
		select {
		case f, ok := <-in:
			switch {
			case !ok:
				return nil
			case f.GetStart() != nil:
				next, _ = strconv.ParseUint(string(f.GetStart().Position), 10, 64)
				started = true
			case f.GetCredit() != nil:
				room = f.GetCredit().First + uint64(f.GetCredit().Count)
			case f.GetDrain() != nil && !s.is("undying"):
				started = false
				if err := s.send(done()); err != nil {
					return err
				}
			}
		case <-tick.C:
			if !started || id >= room {
				continue
			}
			n := uint64(max(1, c.Rate/50))
			if err := s.emit(id, numbered(next, n)); err != nil {
				return err
			}
			next, id = next+n, id+1
		}
	}
}

// receive hands on what the hub says, as long as the animal reads.
func (s *stream) receive(in chan<- *pb.ToPlugin) {
	defer close(in)
	for {
		s.while("deaf")
		f, err := s.Recv()
		if err != nil {
			return
		}
		select {
		case in <- f:
		case <-s.Context().Done():
			return
		}
	}
}

func done() *pb.FromPlugin {
	return &pb.FromPlugin{Frame: &pb.FromPlugin_Done{Done: &pb.Done{}}}
}

// numbered is a batch of events whose text says when they were made.
func numbered(first, n uint64) []byte {
	var b sdk.Builder
	for i := first; i < first+n; i++ {
		e := sdk.Event{ID: fmt.Sprintf("e%08d", i), Key: fmt.Sprintf("k%d", i%7), Time: time.Now(),
			Feedback: &sdk.Feedback{Text: strconv.FormatInt(time.Now().UnixNano(), 10)}}
		if err := b.Add(&e); err != nil {
			panic(err) // a bug: all of it is in order
		}
	}
	r, err := b.Records(sdk.Position(strconv.FormatUint(first+n, 10)))
	if err != nil {
		panic(err)
	}
	return r.Bytes()
}

func emitFrame(id, epoch uint64, records []byte) *pb.FromPlugin {
	return &pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: &pb.Emit{Id: id, Epoch: epoch, Records: records}}}
}

// emit sends one batch, or what the mode makes of it.
func (s *stream) emit(id uint64, records []byte) error {
	epoch := s.open.Epoch
	good := emitFrame(id, epoch, records)
	m := s.mode().Name
	switch m {
	case "twice":
		return s.sendAll(good, good)
	case "unknown-id":
		return s.send(emitFrame(id+1000, epoch, records))
	case "zombie":
		return s.send(emitFrame(id, epoch-1, records))
	case "other-frame":
		return s.send(answerFrame(&pb.Answer{Id: id, Epoch: epoch}))
	case "after-done":
		return s.sendAll(done(), good, emitFrame(id+1, epoch, records), done())
	case "huge":
		return s.send(emitFrame(id, epoch, make([]byte, 64<<20)))
	case "crash":
		os.Exit(3)
	}
	if m := mangled(m, records); m != nil {
		return s.send(emitFrame(id, epoch, m))
	}
	if err := s.common(m); err != nil {
		return err
	}
	return s.send(good)
}

func (s *stream) sendAll(frames ...*pb.FromPlugin) error {
	for _, f := range frames {
		if err := s.send(f); err != nil {
			return err
		}
	}
	return nil
}

// common are the modes that all kinds share; it returns how the stream ends.
func (s *stream) common(mode string) error {
	switch mode {
	case "cut":
		return io.ErrUnexpectedEOF
	case "junk":
		f := &pb.FromPlugin{}
		f.ProtoReflect().SetUnknown([]byte("\xff\xff\xff\x07 this is not a message \x0a\x0a"))
		return s.send(f)
	case "long-error":
		return status.Error(codes.Internal, strings.Repeat("x", 50<<20))
	case "evil-error":
		return status.Error(codes.Internal, "forged\n2026-01-01T00:00:00Z [ERROR] hub: all is lost\r\n\x1b[31mred\x1b[0m {\"@level\":\"error\"} \u202egnorw")
	}
	return nil
}

// mangled is what some modes make of a batch, nil for the others.
func mangled(mode string, records []byte) []byte {
	r := &pb.Records{}
	if err := proto.Unmarshal(records, r); err != nil {
		panic(err) // a bug: we have made it
	}
	switch mode {
	case "checksum":
		r.Head.Crc32C++
	case "lengths":
		r.Head.Lengths[0] = 1<<32 - 1
	case "count":
		r.Head.Count += 5
	case "million":
		r.Head.Count = 1_000_000
		r.Head.Lengths = make([]uint32, 1_000_000)
	case "undecodable":
		for i := range r.Body {
			r.Body[i] = 0xff
		}
		r.Head.Crc32C = crc32.Checksum(r.Body, crc32.MakeTable(crc32.Castagnoli))
	case "deep":
		deepen(r)
	case "not-utf8":
		b := []byte(string(records))
		return []byte(strings.ReplaceAll(string(b), "e0000", "e\xff\xfe0\xc0"))
	default:
		return nil
	}
	b, err := proto.Marshal(r)
	if err != nil {
		panic(err)
	}
	return b
}

// deepen replaces all events by some with deeply nested data.
func deepen(r *pb.Records) {
	e := &pb.Event{Type: "deep", Data: []byte(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000))}
	b, err := proto.Marshal(e)
	if err != nil {
		panic(err)
	}
	r.Body = nil
	for i := range r.Head.Lengths {
		if i > 3 {
			b = b[:0]
		}
		r.Body = append(r.Body, b...)
		r.Head.Lengths[i] = uint32(len(b))
	}
	r.Head.Crc32C = crc32.Checksum(r.Body, crc32.MakeTable(crc32.Castagnoli))
}
