package flow

import (
	"fmt"
	"strings"
)

// Whose says in the words of the configuration whose messages a subject of the log holds: "source.file.in", "pipeline p". A
// subject that is none of ours is returned as it is.
func Whose(subject string) string {
	parts := strings.Split(subject, ".")
	switch {
	case len(parts) == 3 && parts[0] == "ev":
		return strings.Join(strings.SplitN(parts[2], "-", 3), ".")
	case len(parts) == 3 && (parts[0] == "in" || parts[0] == "ck"):
		return "pipeline " + parts[2]
	case len(parts) == 4 && parts[0] == "sn":
		return "pipeline " + parts[3]
	case len(parts) >= 4 && parts[0] == "dlq":
		return fmt.Sprintf("pipeline %s (%s)", parts[2], strings.Join(strings.SplitN(parts[3], "-", 3), "."))
	}
	return subject
}
