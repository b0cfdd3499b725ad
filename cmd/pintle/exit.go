package main

import (
	"errors"
	"fmt"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitConfig      = 2
	exitEnvironment = 3
)

// exitError is an error with its exit code. Its text was shown already when said is set.
type exitError struct {
	code int
	err  error
	said bool
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// fail makes an error with an exit code.
func fail(code int, err error) error { return &exitError{code: code, err: err} }

// failf is fail with a text of its own.
func failf(code int, format string, args ...any) error {
	return fail(code, fmt.Errorf(format, args...))
}

// exitSilently ends with a code and no word: all was said.
func exitSilently(code int) error {
	return &exitError{code: code, err: fmt.Errorf("exit code %d", code), said: true}
}

// codeOf returns the exit code of an error, showing its text through say if nobody has yet.
func codeOf(err error, say func(error)) int {
	if err == nil {
		return exitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{code: exitConfig, err: err} // cobra's own: the command line is wrong
	}
	if !e.said {
		say(err)
	}
	return e.code
}
