package doctor

// openFiles has no meaning here.
func openFiles() (soft, hard uint64, ok bool) { return 0, 0, false }
