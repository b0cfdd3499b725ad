//go:build !unix

package zoo

// Animals misbehave as processes on Unix only.

func before(string) (code int, ended bool) { return 0, false }

func (a *animal) live() {}

// Child runs the program as a child of an animal; there are none here.
func Child([]string) bool { return false }
