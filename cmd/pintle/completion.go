package main

import "github.com/spf13/cobra"

func newCompletion(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Write the completion script of a shell",
		Long: `Writes a script that lets a shell complete commands, flags and files. It is only
printed; where it belongs depends on your shell:

  bash        pintle completion bash > /etc/bash_completion.d/pintle
  zsh         pintle completion zsh > "${fpath[1]}/_pintle"
  fish        pintle completion fish > ~/.config/fish/completions/pintle.fish
  powershell  pintle completion powershell | Out-String | Invoke-Expression`,
		Example:   `  source <(pintle completion bash)`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(std.out, true)
			case "zsh":
				return root.GenZshCompletion(std.out)
			case "fish":
				return root.GenFishCompletion(std.out, true)
			}
			return root.GenPowerShellCompletionWithDesc(std.out)
		},
	}
}
