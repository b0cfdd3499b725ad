package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pintle-hub/pintle/sdk/wire"
)

const inProcess = "PINTLE_WIRE_TEST_PROCESS"

// TestProcess is not a test but the plugin process of the tests below, which run this test binary with only this test.
func TestProcess(t *testing.T) {
	if os.Getenv(inProcess) == "" {
		return
	}
	if err := wire.ServeProcess(registerProbe); err != nil {
		wire.Logger("main").Error("serve", "error", err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

func registerProbe(s *grpc.Server) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "wiretest.Probe",
		HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{StreamName: "Do", ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			in := new(wrapperspb.StringValue)
			if err := s.RecvMsg(in); err != nil {
				return err
			}
			return s.SendMsg(wrapperspb.String(probe(in.Value)))
		}}},
	}, struct{}{})
}

func probe(verb string) string {
	switch verb {
	case "memory":
		return fmt.Sprint(debug.SetGCPercent(100), " ", debug.SetMemoryLimit(-1))
	case "log":
		wire.Logger("probe").Debug("whisper")
		wire.Logger("probe").Info("said")
		fmt.Fprintln(os.Stderr, "printed")
	case "panic":
		var nothing map[string]int
		//lint:ignore SA5000 the panic is what the test wants
		nothing["x"]++
	case "hang":
		helper := exec.Command("/bin/sleep", "300")
		if err := helper.Start(); err != nil {
			return err.Error()
		}
		wire.Logger("probe").Info("helper", "pid", helper.Process.Pid)
		select {}
	}
	return verb
}

// plugin is a process as the hub starts it, without the hub.
type plugin struct {
	t        *testing.T
	cmd      *exec.Cmd
	lifeline io.WriteCloser
	stderr   *bufio.Reader
	conn     *grpc.ClientConn
	exited   chan struct{}
}

func launch(t *testing.T, env ...string) *plugin {
	t.Helper()
	p := &plugin{t: t, cmd: processCommand(t, env...), exited: make(chan struct{})}
	p.lifeline = must(p.cmd.StdinPipe())
	stdout := must(p.cmd.StdoutPipe())
	stderr, stderrEnd, err := os.Pipe() // not StderrPipe, which Wait would close under the reader
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr, p.stderr = stderrEnd, bufio.NewReader(stderr)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stderrEnd.Close()
	handshake, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait()
	}()
	parts := strings.Split(handshake, "|")
	p.conn = must(grpc.NewClient("unix:"+parts[3],
		append(wire.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...))
	t.Cleanup(func() {
		p.conn.Close()
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
		stderr.Close()
	})
	return p
}

func processCommand(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	sockets := must(os.MkdirTemp("", "pw"))
	t.Cleanup(func() { os.RemoveAll(sockets) })
	cookie := wire.Handshake()
	cmd := exec.Command(must(os.Executable()), "-test.run=^TestProcess$")
	cmd.Env = append([]string{
		inProcess + "=1", "GORACE=atexit_sleep_ms=0", "PLUGIN_UNIX_SOCKET_DIR=" + sockets,
		"PLUGIN_PROTOCOL_VERSIONS=" + strconv.Itoa(wire.ProtocolVersion),
		cookie.MagicCookieKey + "=" + cookie.MagicCookieValue,
	}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (p *plugin) do(verb string) (string, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	s, err := p.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/wiretest.Probe/Do")
	if err != nil {
		return "", err
	}
	if err := s.SendMsg(wrapperspb.String(verb)); err != nil {
		return "", err
	}
	if err := s.CloseSend(); err != nil {
		return "", err
	}
	out := new(wrapperspb.StringValue)
	err = s.RecvMsg(out)
	return out.Value, err
}

// logged returns the next line on stderr with words.
func (p *plugin) logged(words string) string {
	p.t.Helper()
	for {
		line, err := p.stderr.ReadString('\n')
		if strings.Contains(line, words) {
			return line
		}
		if err != nil {
			p.t.Fatalf("no line with %q on stderr: %v", words, err)
		}
	}
}

func (p *plugin) awaitExit(limit time.Duration) {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(limit):
		p.t.Errorf("the process still runs after %s", limit)
	}
}

func TestStartedByHand(t *testing.T) {
	cmd := processCommand(t)
	cmd.Env = []string{inProcess + "=1", "GORACE=atexit_sleep_ms=0"}
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("run = %v", err)
	}
	if !strings.Contains(talk.String(), "let the hub start it") || out.Len() > 0 {
		t.Errorf("stdout %q, stderr %q", &out, &talk)
	}
}

func TestCannotListen(t *testing.T) {
	cmd := processCommand(t, "PLUGIN_UNIX_SOCKET_DIR=/no/such/folder")
	lifeline := must(cmd.StdinPipe())
	defer lifeline.Close()
	var talk bytes.Buffer
	cmd.Stderr = &talk
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("run = %v", err)
	}
	if !strings.Contains(talk.String(), "could not listen") {
		t.Errorf("stderr %q", &talk)
	}
}

// When the hub dies, an idle plugin goes.
func TestHubGone(t *testing.T) {
	p := launch(t)
	if got, err := p.do("hello"); got != "hello" || err != nil {
		t.Fatalf("hello = %q, %v", got, err)
	}
	p.lifeline.Close()
	p.awaitExit(2 * time.Second)
}

// So does one whose code hangs, and the helper it started.
func TestHubGoneWhilePluginCodeHangs(t *testing.T) {
	p := launch(t)
	hung := make(chan error)
	go func() {
		_, err := p.do("hang")
		hung <- err
	}()
	_, pid, _ := strings.Cut(p.logged(`"helper"`), `"pid":`)
	helper := must(strconv.Atoi(strings.Trim(pid, "}\n")))
	p.lifeline.Close()
	p.awaitExit(2 * time.Second)
	if err := <-hung; err == nil {
		t.Error("the hanging call succeeded")
	}
	for end := time.Now().Add(2 * time.Second); ; <-time.After(5 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", helper))
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the helper survived")
		}
	}
}

func TestSignalsAreIgnored(t *testing.T) {
	p := launch(t)
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
			t.Fatal(err)
		}
		if got, err := p.do("alive"); got != "alive" || err != nil {
			t.Errorf("after %s: %q, %v", s, got, err)
		}
	}
}

func TestPanicInAStream(t *testing.T) {
	p := launch(t)
	_, err := p.do("panic")
	if status.Code(err) != codes.Internal {
		t.Fatalf("error = %v", err)
	}
	for _, want := range []string{"/wiretest.Probe/Do", "assignment to entry in nil map", "process_test.go:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q: %v", want, err)
		}
	}
	if len(err.Error()) > 10<<10 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
	if got, err := p.do("alive"); got != "alive" || err != nil {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestMemoryLimits(t *testing.T) {
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"default":      {nil, "400 268435456"},
		"by the hub":   {[]string{wire.EnvMemoryLimit + "=67108864"}, "400 67108864"},
		"nonsense":     {[]string{wire.EnvMemoryLimit + "=much"}, "400 268435456"},
		"by the user":  {[]string{"GOGC=50", "GOMEMLIMIT=100MiB", wire.EnvMemoryLimit + "=67108864"}, "50 104857600"},
		"GOGC is mine": {[]string{"GOGC=50"}, "50 268435456"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := launch(t, c.env...).do("memory"); got != c.want || err != nil {
				t.Errorf("memory = %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// Logs go to the first stderr, in the level the hub asked for; what is printed goes over gRPC.
func TestLogger(t *testing.T) {
	p := launch(t, wire.EnvLogLevel+"=debug")
	if _, err := p.do("log"); err != nil {
		t.Fatal(err)
	}
	if line := p.logged("whisper"); !strings.Contains(line, `"@level":"debug"`) || !strings.Contains(line, `"@module":"probe"`) {
		t.Errorf("line = %q", line)
	}
	if line, _ := p.stderr.ReadString('\n'); !strings.Contains(line, `"@message":"said"`) {
		t.Errorf("line = %q", line)
	}
	quiet := launch(t)
	if _, err := quiet.do("log"); err != nil {
		t.Fatal(err)
	}
	if line, _ := quiet.stderr.ReadString('\n'); !strings.Contains(line, `"@message":"said"`) {
		t.Errorf("a line below the level: %q", line)
	}
}
