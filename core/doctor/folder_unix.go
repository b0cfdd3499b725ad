//go:build unix

package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// owned tells whom a file belongs to, and whether that is us.
func owned(info fs.FileInfo) (owner string, ours bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", true
	}
	return who(int(st.Uid)), int(st.Uid) == os.Geteuid()
}

func me() string { return who(os.Geteuid()) }

// who names a user: "ada (uid 1000)".
func who(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return fmt.Sprintf("%s (uid %d)", u.Username, uid)
	}
	return fmt.Sprintf("#%d (uid %d)", uid, uid)
}

// bare is a user as sudo wants him, and chown those that have a name.
func bare(who string) string {
	name, _, _ := strings.Cut(who, " ")
	return name
}

// openTo says who besides the owner may enter a folder.
func openTo(info fs.FileInfo) string {
	switch mode := info.Mode().Perm(); {
	case mode&0o007 != 0:
		return "everybody on this machine"
	case mode&0o070 != 0:
		return "its group"
	}
	return ""
}
