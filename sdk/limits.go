package sdk

// Limits of the contract. Both sides check them, so that neither can be hurt by the other.
const (
	// MaxEvents is the most events in one batch.
	MaxEvents = 4096
	// MaxBatchBytes is where a batch is cut; one event alone may be as large as MaxEventBytes.
	MaxBatchBytes = 1 << 20
	// MaxEventBytes is the largest event, encoded.
	MaxEventBytes = 1 << 20
	// MaxAdditionsBytes is the most that one analyzer may add to one batch, encoded.
	MaxAdditionsBytes = 4 << 20
	// MaxFields is the most fields, and the most dropping rules, of one analyzer, and the most items of a per-event list.
	MaxFields = 256
	// MaxFrameBytes is the largest message between hub and plugin.
	MaxFrameBytes = 16 << 20
	// MaxPosition is the largest position of a source.
	MaxPosition = 64 << 10
	// MaxID is the longest id or key of an event.
	MaxID = 1024
	// MaxSnapshot is the largest state of an analyzer.
	MaxSnapshot = 256 << 20
	// MaxDepth is how deep the JSON of an event's data may nest.
	MaxDepth = 64
)
