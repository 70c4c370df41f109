// Command fullmakt answers who may act on behalf of whom in Norway, and why.
//
//	fullmakt --demo check kari --for "Bergen AS" --package delegerbare-maskinporten-scopes
//
// Results go to standard output, progress and errors to standard error. The exit
// status is 0 for yes or done, 1 for no, 2 for wrong usage or an ambiguous name,
// 3 when an import stored only a part, 4 for an unknown party or package, 5 for
// what is not allowed, 6 when the register cannot be used or the question cannot
// be decided, and 130 after Ctrl+C.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
)

func main() { os.Exit(command()) }

// command runs the program on the process's own arguments and streams.
func command() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, time.Now(), os.Args[1:], os.Stdout, os.Stderr)
}

const description = `Who may act on behalf of whom in Norway, and why.

fullmakt reads Enhetsregisteret, knows every access package (tilgangspakke), and answers from the register given by --demo, --world FILE or --data DIR.

Try:
  fullmakt --demo check kari --for "Bergen AS" --package delegerbare-maskinporten-scopes
  fullmakt --demo explain ola --for "Bergen AS"
  fullmakt --demo list --for "Bergen AS"`

// newParser builds the command line of c.
func newParser(c *cli, out, errs io.Writer) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("fullmakt"),
		kong.Description(description),
		kong.Writers(out, errs),
		kong.Vars{"max_vanish": strconv.FormatFloat(node.DefaultMaxVanish, 'g', -1, 64)},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, NoAppDescFormat: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "ask", Title: "Ask:"},
			{Key: "give", Title: "Give and take back:"},
			{Key: "register", Title: "Keep a register:"},
			{Key: "more", Title: "More:"},
			{Key: "global", Title: "Flags for every command, before or after it:"},
		}),
	)
}

// run is the program with its surroundings as arguments, except for the
// environment; it returns the exit status.
func run(ctx context.Context, now time.Time, args []string, out, errs io.Writer) int {
	var c cli
	parser, err := newParser(&c, out, errs)
	if err != nil {
		return (&app{out: out, errs: errs}).fail(err)
	}
	parsed, err := parser.Parse(helpFirst(args))
	a := newApp(ctx, now, &c.globals, out, errs)
	if err != nil {
		if !c.wantsJSON() && asksJSON(args) {
			a.globals.Output = outputJSON
		}
		return a.fail(usageError(parser, err))
	}
	if err := a.prepare(); err != nil {
		return a.fail(err)
	}
	return a.fail(parsed.Run(a, parser))
}

// helpFirst lets people write "fullmakt help check" for "fullmakt check --help",
// and nothing at all for help.
func helpFirst(args []string) []string {
	if len(args) == 0 {
		return []string{"--help"}
	}
	if args[0] == "help" {
		return append(args[1:len(args):len(args)], "--help")
	}
	return args
}

// usageError makes a parser's complaint an error that says where to read on.
func usageError(parser *kong.Kong, err error) error {
	hint := "fullmakt --help lists the commands"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil && node.Type == kong.CommandNode {
			hint = "see " + parser.Model.Name + " " + node.Path() + " --help"
		}
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%w", err).WithHint("%s", hint)
}
