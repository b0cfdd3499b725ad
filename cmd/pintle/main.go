// Command pintle is the hub and its command line: one program that checks a configuration, runs it, shows how it is doing,
// and carries the first-party plugins, which it starts as children of itself.
//
// Its promise: data goes to stdout, talk to stderr, and the exit code says what kind of thing went wrong: 0 ok, 1 failed at
// run time, 2 the configuration or the command line is wrong, 3 the environment is.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	if len(os.Args) == 3 && os.Args[1] == pluginCommand {
		return servePlugin(os.Args[2])
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return execute(ctx, os.Args[1:], &streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
}
