package doctor

import "io/fs"

// Windows has no owners and modes of this kind; what the folder is open to is left to its administrator.
func owned(fs.FileInfo) (owner string, ours bool) { return "", true }

func me() string { return "this user" }

func bare(who string) string { return who }

func openTo(fs.FileInfo) string { return "" }
