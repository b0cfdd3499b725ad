package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/sdk/wire"
)

// versionInfo says what this program is.
type versionInfo struct {
	Version  string            `json:"version"`
	Commit   string            `json:"commit,omitempty"`
	Modified bool              `json:"modified,omitempty"`
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	Protocol int               `json:"protocol"`
	Plugins  map[string]string `json:"plugins"`
}

func newVersion(std *streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is",
		Example: `  pintle version --json | jq -r .version`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := whatThisIs()
			if asJSON {
				return std.json(v)
			}
			commit := ""
			if v.Commit != "" {
				commit = " (" + v.Commit[:min(12, len(v.Commit))] + ")"
			}
			fmt.Fprintf(std.out, "pintle %s%s, plugin protocol %d, %s, %s\n", v.Version, commit, v.Protocol, v.Platform, v.Go)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write it as JSON, with the versions of the bundled plugins")
	return cmd
}

func whatThisIs() versionInfo {
	v := versionInfo{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Protocol: wire.ProtocolVersion,
		Plugins: make(map[string]string)}
	for _, p := range bundled() {
		v.Plugins[p.Name] = p.Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
