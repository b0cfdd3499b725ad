// Pintlechaos harms a running hub in every way we can think of and checks that it keeps its promises. See docs/reliability.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/parts"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo"
	"github.com/pintle-hub/pintle/sdk/wire"
)

const usage = `usage: pintlechaos COMMAND

  run      do the scenarios and judge: -short, -seed N, -only NAME,..., -dir DIR, -json FILE
  soak     do all of them in turn until the time is over: -for 75m
  list     name the scenarios
  mutants  break promises on purpose and see whether the checkers notice: -quick, -only NAME,...
  check    judge a kept history again: check DIR
`

// errRed means that something was wrong and has been said.
var errRed = errors.New("not all is well")

func main() {
	if len(os.Args) > 1 && os.Args[1] == "plugin" { // serves until the hub says so, deaf to signals
		os.Exit(wire.Serve(parts.ProgramOf(parts.Version())))
	}
	if len(os.Args) > 2 && os.Args[1] == "zoo" {
		if zoo.Child(os.Args[2:]) {
			return
		}
		os.Exit(zoo.Main(os.Args[2], os.Args[len(os.Args)-1]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		if !errors.Is(err, errRed) && !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "pintlechaos:", err)
		}
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return flag.ErrHelp
	}
	switch name, args := args[0], args[1:]; name {
	case "run":
		return runCommand(ctx, args)
	case "soak":
		return soakCommand(ctx, args)
	case "mutants":
		return mutantsCommand(ctx, args)
	case "list":
		return listCommand()
	case "check":
		return checkCommand(args)
	case "ledger":
		return ledgerCommand(ctx, args)
	default:
		fmt.Fprint(os.Stderr, usage)
		return fmt.Errorf("there is no command %q", name)
	}
}

// ledgerCommand is the ledger process: folder and socket are its arguments, and it ends when its stdin does.
func ledgerCommand(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("ledger takes a folder and a socket; it is started by run")
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // a Ctrl-C is for the run, which then says what it found
	go func() {                                                   // ends with the process
		_, _ = os.Stdin.Read(make([]byte, 1))
		cancel()
	}()
	return ledger.Serve(ctx, args[0], args[1])
}

func listCommand() error {
	for _, s := range scenarios() {
		fmt.Printf("%-20s short %3d  full %4d  %s\n", s.Name, s.Short, s.Full, s.Doc)
	}
	return nil
}
