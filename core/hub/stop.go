package hub

import "sync"

// stopAll calls stop for every unit at once and waits for all.
func stopAll[U any](units map[string]U, stop func(U)) {
	var wg sync.WaitGroup
	for _, u := range units {
		wg.Go(func() { stop(u) })
	}
	wg.Wait()
}
