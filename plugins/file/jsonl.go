package file

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

// format says where the entries of one file end and makes events of them. Errors are reasons for a rejection.
type format interface {
	split(data []byte, last bool) (n int, fault string)
	event(raw []byte) (sdk.Event, error)
}

// jsonLines is the format jsonl.
type jsonLines struct{ fields *fieldmap.Map }

func (jsonLines) split(data []byte, last bool) (int, string)  { return splitLine(data, last), "" }
func (f jsonLines) event(raw []byte) (sdk.Event, error)       { return f.fields.JSON(raw) }
func (plainLines) split(data []byte, last bool) (int, string) { return splitLine(data, last), "" }

// plainLines is the format lines.
type plainLines struct{}

func (plainLines) event(raw []byte) (sdk.Event, error) {
	if !utf8.Valid(raw) {
		return sdk.Event{}, errors.New("it is not valid UTF-8")
	}
	return sdk.Event{Feedback: &sdk.Feedback{Text: string(raw)}}, nil
}

func splitLine(data []byte, last bool) int {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1
	}
	if last {
		return len(data)
	}
	return 0
}
