package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// Program says what to run. Whether it may be run (its hash is locked, its capabilities are granted) was decided before.
type Program struct {
	// Name is the plugin's name in logs and errors, such as "text".
	Name string
	// Path is the absolute path of the executable. Nothing is ever searched in PATH or the working directory.
	Path string
	Args []string
	// Digest, if not empty, is the SHA-256 that the file at Path must have, in hexadecimal.
	Digest string
	// Env holds what the configuration grants, as "KEY=value". The program sees these, a short list of harmless names from
	// the hub's own environment (see inherited), and nothing else.
	Env []string
	// Dir is the working directory. Empty means the host's run folder, so that nothing depends on where the hub was started.
	Dir string
	// MemoryLimit is how many bytes the program may hold together with its children: above, it is killed. Its garbage collector
	// is told to keep to three quarters of it. Zero means 2 GiB, and the SDK's default for the collector.
	MemoryLimit int64
	// Stdout, if not nil, becomes file descriptor 3 of the program: the hub's standard output, for a sink that prints.
	Stdout *os.File
}

// ownProgram is, on Linux, the path of the program that runs, even when its file was replaced or removed meanwhile.
const ownProgram = "/proc/self/exe"

func (p Program) check() error {
	switch {
	case p.Name == "":
		return errors.New("the program has no name")
	case !filepath.IsAbs(p.Path):
		return fmt.Errorf("path %q is not absolute: name the executable in full", p.Path)
	}
	for _, kv := range p.Env {
		if key, _, ok := strings.Cut(kv, "="); !ok || key == "" {
			return errors.New("an entry of env is not KEY=value")
		}
	}
	return nil
}

// verify makes sure that the file is the one that was asked what it offers. Otherwise a program that was replaced would be run
// with settings that were checked for another one, at the first restart of its process.
func (p Program) verify() error {
	if p.Digest == "" {
		return nil
	}
	f, err := os.Open(p.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) == p.Digest {
		return nil
	}
	return sdk.Errorf(sdk.Unavailable, "%s was replaced since the configuration was read: reload to take the new one, or put the old one back", p.Path)
}

// inherited lists the variables of the hub's environment that every plugin gets: where to find programs, certificates and
// proxies, and how to write times and words. Everything else, secrets above all, stays in the hub.
func inherited() []string {
	return []string{
		"PATH", "HOME", "TMPDIR", "TZ", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
		"SystemRoot", "TEMP", "TMP", // Windows does not work without
	}
}

// environment is all that the program sees. negotiated comes from go-plugin and wins over what the configuration says.
func (p Program) environment(level hclog.Level, negotiated []string) []string {
	var env []string
	for _, key := range inherited() {
		if value, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+value)
		}
	}
	env = append(env, wire.EnvLogLevel+"="+level.String())
	if p.MemoryLimit > 0 {
		env = append(env, wire.EnvMemoryLimit+"="+strconv.FormatInt(p.MemoryLimit/4*3, 10))
	}
	env = append(env, p.Env...)
	return append(env, negotiated...)
}
