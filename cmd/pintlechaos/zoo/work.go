package zoo

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// handler makes the answer to one work.
type handler func(w *pb.Work, b *sdk.Batch) (*pb.Answer, error)

// work answers the hub's works one by one.
func (s *stream) work(h handler) error {
	var held *pb.Work // in disorder: the work to be answered after the next
	var snapshots uint64
	for {
		s.while("deaf")
		in, err := s.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch f := in.Frame.(type) {
		case *pb.ToPlugin_Work:
			if s.is("disorder") && held == nil {
				held = f.Work
				continue
			}
			err = s.answer(f.Work, h)
			if err == nil && held != nil {
				err, held = s.answer(held, h), nil
			}
		case *pb.ToPlugin_Snapshot:
			snapshots++
			err = s.state(f.Snapshot.Id, []byte(strconv.FormatUint(snapshots, 10)))
		case *pb.ToPlugin_Restore:
			if f.Restore.Last {
				err = s.state(f.Restore.Id, nil)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (s *stream) state(id uint64, chunk []byte) error {
	st := &pb.State{Id: id, Chunk: chunk, Last: true}
	if s.is("no-snapshot") {
		st.Error = &pb.Error{Code: "invalid", Message: "I keep no state"}
	}
	return s.send(&pb.FromPlugin{Frame: &pb.FromPlugin_State{State: st}})
}

func answerFrame(a *pb.Answer) *pb.FromPlugin {
	return &pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: a}}
}

// answer answers one work, or does what the mode makes of it.
func (s *stream) answer(w *pb.Work, h handler) error {
	b, err := batchOf(w)
	if err != nil {
		return s.send(answerFrame(&pb.Answer{Id: w.Id, Epoch: s.open.Epoch, Error: &pb.Error{Code: "invalid", Message: "cannot read the batch"}}))
	}
	a, err := h(w, b)
	if err != nil {
		return err
	}
	a.Id, a.Epoch = w.Id, s.open.Epoch
	m := s.mode().Name
	switch m {
	case "mute":
		return nil
	case "twice":
		return s.sendAll(answerFrame(a), answerFrame(a))
	case "unknown-id":
		a.Id += 1000
	case "zombie":
		a.Epoch--
	case "other-frame":
		return s.send(done())
	case "huge":
		a.Error = &pb.Error{Message: strings.Repeat("x", 64<<20)}
	case "asleep":
		time.Sleep(500 * time.Millisecond)
	case "crash":
		os.Exit(3)
	case "poison":
		dieOf(b)
	}
	if err := s.common(m); err != nil {
		return err
	}
	return s.send(answerFrame(a))
}

// dieOf ends the process when one of the events is poison.
func dieOf(b *sdk.Batch) {
	for i := range b.Len() {
		if n, err := strconv.Atoi(strings.TrimPrefix(b.ID(i), "e")); err == nil && n%500 == 77 {
			os.Exit(3)
		}
	}
}

func batchOf(w *pb.Work) (*sdk.Batch, error) {
	r, err := sdk.ParseRecords(w.Records)
	if err != nil {
		return nil, err
	}
	sel := w.Events
	if len(sel) == 0 {
		sel = nil
	}
	return sdk.NewBatch(r, sel, nil, nil), nil
}

// analyze adds a number to every event, or something worse.
func (s *stream) analyze(w *pb.Work, b *sdk.Batch) (*pb.Answer, error) {
	name := s.open.Instances[0].Name
	out := &sdk.Additions{Analyzer: name, Plugin: s.name, Version: "1.0.0"}
	out.Reset(b)
	for i := range b.Len() {
		out.SetNumber(i, "n", float64(i))
	}
	mode := s.mode().Name
	if mode == "verbose" || mode == "nan" {
		out.Emit(loud(mode, b.ID(0)))
	}
	encoded, err := out.Encode()
	if err != nil {
		return nil, err
	}
	a := &pb.Additions{}
	if err := proto.Unmarshal(encoded, a); err != nil {
		return nil, err
	}
	switch mode {
	case "imposter":
		a.Analyzer = "feed"
	case "nan":
		a.Columns = oddNumbers(b.Len())
	case "undeclared":
		a.Columns = undeclared(b.Len())
	case "foreign-drop":
		a.Drops = []*pb.Dropped{{Rule: "once", Events: []uint32{0}}, {Rule: "twice", Events: []uint32{0, 1}}}
	case "rules":
		a.Drops = ruleEach(w)
	case "results":
		return &pb.Answer{Additions: make([][]byte, 4_000_000)}, nil
	}
	if encoded, err = proto.Marshal(a); err != nil {
		return nil, err
	}
	if mode == "not-utf8" {
		encoded = []byte(strings.ReplaceAll(string(encoded), "n", "\xff"))
	}
	return &pb.Answer{Additions: [][]byte{encoded}}, nil
}

func loud(mode, id string) sdk.Event {
	i := &sdk.Insight{Title: "nan", Stage: sdk.StageTrend, Rate: math.NaN(), Severity: math.Inf(1), Confidence: math.Inf(-1)}
	if mode == "verbose" {
		i = &sdk.Insight{Title: strings.Repeat("t", 1<<20-4096), Stage: sdk.StageTrend}
	}
	return sdk.Event{ID: "loud-" + id, Key: "loud", Time: time.Now(), Insight: i}
}

func oddNumbers(n int) []*pb.Column {
	c := &pb.Column{Name: "n", Kind: 2, Count: uint32(n)}
	for i := range n {
		c.Numbers = append(c.Numbers, []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)}[i%4])
	}
	return []*pb.Column{c}
}

func undeclared(n int) []*pb.Column {
	text := &pb.Column{Name: "n", Kind: 3, Dict: []string{"not a number"}, Index: make([]uint32, n), Count: uint32(n)}
	more := &pb.Column{Name: "word", Kind: 2, Numbers: make([]float64, n), Count: uint32(n)}
	other := &pb.Column{Name: "made up", Kind: 1, Bools: make([]byte, n), Count: uint32(n)}
	return []*pb.Column{text, more, other}
}

// ruleEach drops every event by a rule of its own.
func ruleEach(w *pb.Work) []*pb.Dropped {
	r, err := sdk.ParseRecords(w.Records)
	if err != nil {
		return nil
	}
	var drops []*pb.Dropped
	for i := range min(r.Len(), sdk.MaxFields) {
		drops = append(drops, &pb.Dropped{Rule: fmt.Sprintf("rule %d %s", time.Now().UnixNano(), strings.Repeat("r", 500)), Events: []uint32{uint32(i)}})
	}
	return drops
}
