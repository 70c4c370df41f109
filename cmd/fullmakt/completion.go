package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

// Help is shown by completion --help.
func (completionCmd) Help() string {
	return `Examples:
  source <(fullmakt completion bash)
  fullmakt completion zsh > "${fpath[1]}/_fullmakt"
  fullmakt completion fish > ~/.config/fish/completions/fullmakt.fish
  fullmakt completion powershell | Out-String | Invoke-Expression`
}

// Run prints the script, derived from the grammar itself.
func (c *completionCmd) Run(a *app, parser *kong.Kong) error {
	words := completions(parser.Model.Node, "")
	switch c.Shell {
	case "bash":
		bashCompletion(a.out, words)
	case "zsh":
		fmt.Fprintln(a.out, "#compdef fullmakt\nautoload -U +X bashcompinit && bashcompinit")
		bashCompletion(a.out, words)
	case "fish":
		fishCompletion(a.out, words)
	case "powershell":
		powershellCompletion(a.out, words)
	}
	return nil
}

// completion is what may follow a command, which is "" for the program itself.
type completion struct {
	command string
	words   []string // commands and flags
	files   bool     // arguments are files
}

// completions walks the grammar.
func completions(node *kong.Node, command string) []completion {
	c := completion{command: command}
	for _, child := range node.Children {
		if child.Type == kong.CommandNode {
			c.words = append(c.words, child.Name)
		}
	}
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			c.words = append(c.words, "--"+flag.Name)
			if flag.Short != 0 {
				c.words = append(c.words, "-"+string(flag.Short))
			}
		}
	}
	for _, positional := range node.Positional {
		if positional.Enum != "" {
			c.words = append(c.words, positional.EnumSlice()...)
		}
		c.files = c.files || positional.Name == "file" || positional.Name == "dir"
	}
	slices.Sort(c.words)
	list := []completion{c}
	for _, child := range node.Children {
		if child.Type == kong.CommandNode {
			list = append(list, completions(child, strings.TrimSpace(command+" "+child.Name))...)
		}
	}
	return list
}

func bashCompletion(out io.Writer, list []completion) {
	fmt.Fprintln(out, `_fullmakt() {
  local word="${COMP_WORDS[COMP_CWORD]}" command="" i w
  for ((i = 1; i < COMP_CWORD; i++)); do
    w="${COMP_WORDS[i]}"
    case "${command:+$command }$w" in`)
	for _, c := range list[1:] {
		fmt.Fprintf(out, "      '%s') command='%s' ;;\n", c.command, c.command)
	}
	fmt.Fprintln(out, `    esac
  done
  case "$command" in`)
	for _, c := range list {
		fmt.Fprintf(out, "    '%s') COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n", c.command, strings.Join(c.words, " "))
	}
	fmt.Fprintln(out, `  esac
  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o default -F _fullmakt fullmakt`)
}

func fishCompletion(out io.Writer, list []completion) {
	fmt.Fprintln(out, "complete -c fullmakt -f")
	for _, c := range list {
		condition := "__fish_use_subcommand"
		if c.command != "" {
			var seen []string
			for _, word := range strings.Fields(c.command) {
				seen = append(seen, "__fish_seen_subcommand_from "+word)
			}
			condition = strings.Join(seen, "; and ")
		}
		for _, word := range c.words {
			switch {
			case strings.HasPrefix(word, "--"):
				fmt.Fprintf(out, "complete -c fullmakt -n '%s' -l %s\n", condition, word[2:])
			case strings.HasPrefix(word, "-"):
				fmt.Fprintf(out, "complete -c fullmakt -n '%s' -s %s\n", condition, word[1:])
			default:
				fmt.Fprintf(out, "complete -c fullmakt -n '%s' -a %s\n", condition, word)
			}
		}
		if c.files {
			fmt.Fprintf(out, "complete -c fullmakt -n '%s' -F\n", condition)
		}
	}
}

func powershellCompletion(out io.Writer, list []completion) {
	fmt.Fprintln(out, `Register-ArgumentCompleter -Native -CommandName fullmakt -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{`)
	for _, c := range list {
		fmt.Fprintf(out, "    '%s' = '%s'\n", c.command, strings.Join(c.words, " "))
	}
	fmt.Fprintln(out, `  }
  $command = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    $next = "$command $element".Trim()
    if ($words.ContainsKey($next)) { $command = $next }
  }
  $words[$command] -split ' ' | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}`)
}
