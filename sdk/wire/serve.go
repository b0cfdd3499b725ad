package wire

import (
	"fmt"
	"os"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// Serve runs program as a plugin until the hub stops it, and returns the exit code for os.Exit. It is the whole main of a
// plugin:
//
//	func main() { os.Exit(wire.Serve(sdk.Program{Name: "acme", Version: "1.0.0", Sinks: ...})) }
func Serve(program sdk.Program) int {
	if err := ServeProcess(Register(program)); err != nil {
		fmt.Fprintln(os.Stderr, "plugin", program.Name+":", err)
		return 1
	}
	return 0
}

// Register returns the function that adds program's service to a gRPC server. Serve uses it; sdktest does without a process.
func Register(program sdk.Program) func(*grpc.Server) {
	return func(s *grpc.Server) { pb.RegisterPluginServer(s, &server{program: program}) }
}
