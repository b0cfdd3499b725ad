package zoo

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// write appends a line an event to a file: its id, and how many microseconds it was on its way.
func (s *stream) write(w *pb.Work, b *sdk.Batch) (*pb.Answer, error) {
	switch s.mode().Name {
	case "results":
		a := &pb.Answer{Results: make([]*pb.Result, 7_000_000)}
		one := &pb.Result{}
		for i := range a.Results {
			a.Results[i] = one
		}
		return a, nil
	case "fatal":
		return &pb.Answer{Results: []*pb.Result{{Outcome: uint32(sdk.Fatal), Code: "28P01", Message: "wrong password"}}}, nil
	case "poison":
		dieOf(b)
	}
	c, err := s.config()
	if err != nil || c.Out == "" {
		return &pb.Answer{}, err
	}
	var lines strings.Builder
	now := time.Now().UnixNano()
	for i := range b.Len() {
		var late int64
		if e := b.Event(i); e.Feedback != nil {
			if made, err := strconv.ParseInt(e.Feedback.Text, 10, 64); err == nil {
				late = (now - made) / 1000
			}
		}
		fmt.Fprintf(&lines, "%s %d\n", b.ID(i), late)
	}
	f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	_, err = f.WriteString(lines.String())
	return &pb.Answer{}, err
}
