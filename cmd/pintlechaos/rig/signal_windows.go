package rig

import "errors"

// Pause stops a process as it is: not on this system.
func Pause(int) error { return errors.ErrUnsupported }

// Continue lets a paused process go on: not on this system.
func Continue(int) error { return errors.ErrUnsupported }

func terminate(int) error { return errors.ErrUnsupported }

// Hangup makes the hub read its configuration again: not on this system.
func (h *Hub) Hangup() error { return errors.ErrUnsupported }
