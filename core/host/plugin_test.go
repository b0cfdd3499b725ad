package host_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pintle-hub/pintle/sdk/wire"
)

// The test binary is also the plugins it tests with, as the pintle binary is its own first-party plugins, and the hub that
// gets killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "__plugin" {
		if err := runPlugin(os.Args[2]); err != nil {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 3 && os.Args[1] == "__hub" {
		if err := runHub(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// runPlugin is the plugin process. The mode says how it misbehaves before it serves.
func runPlugin(mode string) error {
	switch mode {
	case "silent": // never completes the handshake
		<-time.After(time.Hour)
	case "dies":
		fmt.Fprintln(os.Stderr, "first words\nno such model: support-77")
		os.Exit(3)
	case "noisy":
		fmt.Println("loading, please wait")
		fmt.Println(strings.Repeat("=", 100<<10))
	case "garbage":
		fmt.Println("1|99|unix|/nowhere|grpc|")
		<-time.After(time.Hour)
	case "deaf", "fleeting": // says where it listens, and then does not listen
		path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "s")
		listener, err := net.Listen("unix", path)
		if err != nil {
			return err
		}
		defer listener.Close() // holds on to it
		fmt.Printf("1|%d|unix|%s|grpc|\n", wire.ProtocolVersion, path)
		if mode == "fleeting" { // or dies there and then
			os.Exit(7)
		}
		<-time.After(time.Hour)
	case "detached": // a helper outside our process group holds our stderr
		detach()
	}
	err := wire.ServeProcess(register)
	if mode == "lingers" { // and does not go though told to
		<-time.After(time.Hour)
	}
	return err
}

// detach starts a helper outside our process group that holds our stderr, and returns its pid.
func detach() int {
	helper := exec.Command("/bin/sleep", "300")
	helper.Stderr = os.Stderr
	helper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := helper.Start(); err != nil {
		panic(err)
	}
	return helper.Process.Pid
}

// service is what the tests call: words in, words out, and bytes of any size.
type service struct{}

func register(s *grpc.Server) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "hosttest.Plugin",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "Do", Handler: unary(do)},
			{MethodName: "Eat", Handler: unary(eat)},
			{MethodName: "Give", Handler: unary(give)},
		},
	}, service{})
}

// unary is what protoc would generate for one method.
func unary[In, Out any](call func(context.Context, *In) (*Out, error)) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := new(In)
		if err := decode(in); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{FullMethod: "/hosttest.Plugin/Method"}
		return intercept(ctx, in, info, func(ctx context.Context, in any) (any, error) { return call(ctx, in.(*In)) })
	}
}

func do(ctx context.Context, in *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
	verb, rest, _ := strings.Cut(in.Value, " ")
	switch verb {
	case "echo":
		return wrapperspb.String(rest), nil
	case "called":
		return wrapperspb.String(os.Args[0]), nil
	case "env":
		value, found := os.LookupEnv(rest)
		return wrapperspb.String(fmt.Sprint(found, " ", value)), nil
	case "names":
		return wrapperspb.String(strings.Join(os.Environ(), "\n")), nil
	case "hang":
		<-ctx.Done()
		select {} // and deaf to its context too
	case "index":
		n, _ := strconv.Atoi(rest)
		return wrapperspb.String([]string{"a", "b"}[n]), nil
	case "panic":
		panic("customer wrote: " + rest)
	case "crash":
		go func() { panic("cannot go on") }()
		select {}
	case "exit":
		n, _ := strconv.Atoi(rest)
		os.Exit(n)
	case "helper": // shares our process group and our stderr
		helper := exec.Command("/bin/sleep", "300")
		helper.Stdout, helper.Stderr = os.NewFile(1, "stdout"), os.NewFile(2, "stderr")
		if err := helper.Start(); err != nil {
			return nil, err
		}
		return wrapperspb.String(strconv.Itoa(helper.Process.Pid)), nil
	case "print": // on the file descriptors themselves, as C code would
		fd, text, _ := strings.Cut(rest, " ")
		n, _ := strconv.Atoi(fd)
		if raw, err := strconv.Unquote(text); err == nil { // bytes that fit in no protobuf string
			text = raw
		}
		return wrapperspb.String(""), writeAll(n, text+"\n")
	case "fmt": // as an author would, who forgot the logger
		fmt.Println(rest)
		return wrapperspb.String(""), nil
	case "log":
		wire.Logger("part").Warn("slow answer", "what", rest)
		return wrapperspb.String(""), nil
	case "stdin":
		text, err := io.ReadAll(os.Stdin)
		return wrapperspb.String(string(text)), err
	case "slog":
		slog.Error("from slog", "what", rest)
		return wrapperspb.String(""), nil
	case "stdlog":
		log.Print(rest)
		return wrapperspb.String(""), nil
	case "hold": // so many MiB, for good
		n, _ := strconv.Atoi(rest)
		go func(kept []byte) { select {} }(bytes.Repeat([]byte{1}, n<<20))
		return wrapperspb.String(""), nil
	case "children":
		n, _ := strconv.Atoi(rest)
		for range n {
			if err := exec.Command("/bin/sleep", "300").Start(); err != nil {
				return nil, err
			}
		}
		return wrapperspb.String(""), nil
	case "daemon": // a child that has left our process group
		return wrapperspb.String(strconv.Itoa(detach())), nil
	case "newlines":
		n, _ := strconv.Atoi(rest)
		return wrapperspb.String(""), writeAll(2, strings.Repeat("\n", n))
	case "endless":
		n, _ := strconv.Atoi(rest)
		return wrapperspb.String(""), writeAll(2, strings.Repeat("y", n))
	case "flood":
		return wrapperspb.String(""), flood(rest)
	}
	return nil, fmt.Errorf("unknown verb %q", verb)
}

func writeAll(fd int, text string) error {
	for len(text) > 0 {
		n, err := syscall.Write(fd, []byte(text))
		if err != nil && err != syscall.EINTR {
			return err
		}
		text = text[max(n, 0):]
	}
	return nil
}

const floodLine = `{"@level":"info","@message":"again","n":1,"text":"` +
	"this is what a debugging author forgot to remove, and it comes with every single event that passes by\"}\n"

// flood writes so many log lines as fast as it can.
func flood(lines string) error {
	n, err := strconv.Atoi(lines)
	const chunk = 100
	for ; err == nil && n > 0; n -= chunk {
		err = writeAll(2, strings.Repeat(floodLine, chunk))
	}
	return err
}

func eat(_ context.Context, in *wrapperspb.BytesValue) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func give(_ context.Context, in *wrapperspb.Int64Value) (*wrapperspb.BytesValue, error) {
	return wrapperspb.Bytes(make([]byte, in.Value)), nil
}
