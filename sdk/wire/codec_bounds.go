package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxChain is the most analyzers of one chain.
const maxChain = 256

// bounds refuses a message whose parts are too many before they are decoded: two bytes on the wire, an empty result, are more
// than a hundred in memory, so that one frame could take a gigabyte. // promise 5
func bounds(b []byte, v any) error {
	if _, ok := v.(*pb.FromPlugin); !ok {
		return nil
	}
	var err error
	eachWireField(b, func(f wireField) bool {
		if f.num == fromPluginAnswer && f.typ == protowire.BytesType {
			err = boundAnswer(f.bytes)
		}
		return err == nil
	})
	return err
}

func boundAnswer(b []byte) error {
	additions, results := 0, 0
	eachWireField(b, func(f wireField) bool {
		switch f.num {
		case answerAdditions:
			additions++
		case answerResults:
			results++
		}
		return additions <= maxChain && results <= sdk.MaxEvents
	})
	switch {
	case additions > maxChain:
		return protocolError("an answer of more than %d analyzers", maxChain)
	case results > sdk.MaxEvents:
		return protocolError("an answer with more than %d results", sdk.MaxEvents)
	}
	return nil
}
