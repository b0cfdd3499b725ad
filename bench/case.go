package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// serveCase runs one case in this process and prints its figures.
func serveCase(arg string) int {
	var s setup
	if err := json.Unmarshal([]byte(arg), &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	f := &Figures{Case: s.Name, Events: s.Events + s.Backlog, Values: make(map[string]float64)}
	if err := s.serve(f); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if json.NewEncoder(os.Stdout).Encode(f) != nil {
		return 1
	}
	return 0
}

// profiled runs f and keeps its profile if one is wanted.
func (s *setup) profiled(f func() error) error {
	if s.Profile == "" {
		return f()
	}
	stop, err := profile(s.Profile)
	if err != nil {
		return err
	}
	return errors.Join(f(), stop())
}

// profile begins a processor profile of this process that stop ends.
func profile(path string) (stop func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error { pprof.StopCPUProfile(); return file.Close() }, nil
}

// serve runs the case in a folder that is gone afterwards.
func (s *setup) serve(f *Figures) (err error) {
	if s.Dir == "" {
		if s.Dir, err = os.MkdirTemp("", "pintle-bench"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(s.Dir)) }()
	}
	ctx := context.Background()
	switch s.Kind {
	case kindReference:
		return s.profiled(func() error { return reference(ctx, s, f) })
	case kindHub:
		return s.profiled(func() error { return wholeWayOf(ctx, s, f) })
	case kindIdle:
		return idle(ctx, s, f)
	case kindBacklog:
		return workOff(ctx, s, f)
	case kindFill:
		return fillLog(ctx, s)
	case kindRestart:
		return restart(ctx, s, f)
	case kindStuck:
		return stuck(ctx, s)
	case kindCondition:
		return s.profiled(func() error { return routeAlone(s, f) })
	}
	return fmt.Errorf("no kind of case is called %q", s.Kind)
}

// bundled is the command line of a plugin: this program again.
func bundled(program string) (string, []string) {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return self, []string{pluginArg, program}
}
