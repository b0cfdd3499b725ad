package clock

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// anchor is where time.Now asks the system; it must be found once in the standard library's time.go.
const anchor = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"

// skewed is what is put in its place.
const skewed = anchor + "\tsec, nsec = skew(sec, nsec)\n"

// added is a file of package time: it maps the offset into memory before anything asks for the time.
const added = `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

var skewOf = openSkew()

func openSkew() *int64 {
	buf := make([]byte, 4096)
	n, err := syscall.Readlink("/proc/self/exe", buf)
	if err != nil {
		return nil
	}
	for n > 0 && buf[n-1] != '/' {
		n--
	}
	fd, err := syscall.Open(string(buf[:n])+"` + Name + `", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	page, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return (*int64)(unsafe.Pointer(&page[0]))
}

func skew(sec int64, nsec int32) (int64, int32) {
	if skewOf == nil {
		return sec, nsec
	}
	offset := atomic.LoadInt64(skewOf)
	sec += offset / 1e9
	n := int64(nsec) + offset%1e9
	for ; n < 0; n += 1e9 {
		sec--
	}
	for ; n >= 1e9; n -= 1e9 {
		sec++
	}
	return sec, int32(n)
}
`

// Overlay writes into dir what go build's -overlay needs and returns the file to name there.
func Overlay(dir string) (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("ask go for its root: %w", err)
	}
	std := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	original := filepath.Join(std, "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return "", fmt.Errorf("read the standard library: %w", err)
	}
	if n := strings.Count(string(text), anchor); n != 1 {
		return "", fmt.Errorf("%s holds %q %d times, not once: this Go asks for the time in another way, so package clock must learn it", original, anchor, n)
	}
	replace := map[string]string{original: filepath.Join(dir, "time.go"), filepath.Join(std, "skew.go"): filepath.Join(dir, "skew.go")}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	for name, data := range map[string]string{"time.go": strings.Replace(string(text), anchor, skewed, 1), "skew.go": added, "overlay.json": string(overlay)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "overlay.json"), nil
}
