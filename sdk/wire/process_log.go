package wire

import (
	"log"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"github.com/hashicorp/go-hclog"
)

// Logger returns a logger whose lines reach the hub's log under the plugin's name. It writes JSON to the stderr the
// program was started with, so it works before, while and after ServeProcess has redirected os.Stderr. Lines below the
// level the hub asked for are not even formatted.
func Logger(name string) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{
		Name:       name,
		Level:      logLevel(),
		Output:     firstStderr{},
		JSONFormat: true,
	})
}

// firstStderr is the stderr this program was started with, whatever os.Stderr is now.
type firstStderr struct{}

func (firstStderr) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n, err := syscall.Write(syscall.Stderr, p[done:])
		if err != nil && err != syscall.EINTR {
			return done, err
		}
		done += max(n, 0)
	}
	return len(p), nil
}

func logLevel() hclog.Level {
	if level := hclog.LevelFromString(os.Getenv(EnvLogLevel)); level != hclog.NoLevel {
		return level
	}
	return hclog.Info
}

// redirectLogs sends what plugin code logs through slog and log to the hub's log too.
func redirectLogs() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(firstStderr{}, &slog.HandlerOptions{
		Level:       slogLevel(logLevel()),
		ReplaceAttr: hclogNames,
	})))
	log.SetFlags(0) // the hub adds time and place
}

func slogLevel(level hclog.Level) slog.Level {
	switch level {
	case hclog.Trace:
		return slog.LevelDebug - 4
	case hclog.Debug:
		return slog.LevelDebug
	case hclog.Warn:
		return slog.LevelWarn
	case hclog.Error:
		return slog.LevelError
	case hclog.Off:
		return slog.LevelError + 4
	}
	return slog.LevelInfo
}

// hclogNames gives slog's own attributes the names hclog uses, so that the hub reads one format.
func hclogNames(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		a.Key = "@timestamp"
	case slog.MessageKey:
		a.Key = "@message"
	case slog.LevelKey:
		a.Key = "@level"
		name, _, _ := strings.Cut(strings.ToLower(a.Value.String()), "+") // "warn+2" is a warning
		if strings.HasPrefix(name, "debug-") {
			name = "trace"
		}
		a.Value = slog.StringValue(name)
	}
	return a
}
