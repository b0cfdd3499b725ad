package main

import (
	"context"
	"os"
)

// hangups returns a channel on which nothing comes: there is no SIGHUP on Windows.
func hangups(context.Context) <-chan os.Signal { return nil }
