package host

import (
	"fmt"
	"time"
)

// Usage is what a plugin's process costs, its children not counted.
type Usage struct {
	RSS int64         // bytes of memory it holds
	CPU time.Duration // processor time it has used since its start
}

// Usage reads what the process costs now. It is an error once the process has ended, and on systems without /proc.
func (p *Process) Usage() (Usage, error) {
	u, err := usageOf(p.Pid())
	select {
	case <-p.Done():
		err = errEnded // and what we read may be somebody else's
	default:
	}
	if err != nil {
		return Usage{}, fmt.Errorf("usage of plugin %q: %w", p.program.Name, err)
	}
	return u, nil
}
