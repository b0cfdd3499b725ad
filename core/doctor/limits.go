package doctor

import "fmt"

// What a hub needs, roughly: the log and its connections, and a little for each process of a plugin.
const (
	hubFiles      = 256
	processFiles  = 32
	hubMemory     = 192 << 20
	processMemory = 48 << 20
)

// limits looks at what the system lets a process have.
func (x *examiner) limits() {
	n := x.processes()
	if soft, hard, ok := openFiles(); ok {
		need := uint64(hubFiles + processFiles*n)
		seen := fmt.Sprintf("%d open files allowed (this configuration needs about %d)", max(soft, hard), need)
		if max(soft, hard) < need {
			x.fail(Finding{Check: "limits.files", Seen: seen, Why: "the log and the connections to plugins are files: the hub fails in the middle of its work when they run out",
				Mend: "ulimit -n 65536 before the start (systemd: LimitNOFILE=65536)"})
		} else {
			x.ok("limits.files", seen)
		}
	}
	limit, from := memoryLimit()
	need := int64(hubMemory + processMemory*n)
	switch {
	case limit == 0:
	case limit < need:
		x.warn(Finding{Check: "limits.memory", Seen: fmt.Sprintf("%s of memory allowed by %s, and %s want about %s", bytes(limit), from,
			fmt.Sprintf("the hub and its %d plugins", n), bytes(need)),
			Why:  "what goes above is killed by the kernel; nothing stored is lost, but it starts again and again",
			Mend: "allow more (docker run --memory, systemd MemoryMax=), or set memory = ... in plugin blocks"})
	default:
		x.ok("limits.memory", fmt.Sprintf("%s of memory allowed by %s", bytes(limit), from))
	}
}
