package main

import (
	"io"
	"os"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/xacml"
)

type xacmlCmd struct {
	Eval xacmlEvalCmd `cmd:"" help:"Decide one request against policies and print the response."`
	Lint xacmlLintCmd `cmd:"" help:"Find what is wrong or doubtful in policies."`
	Test xacmlTestCmd `cmd:"" help:"Run requests with their expected decisions, as in CI."`
}

// Help is shown by xacml --help.
func (xacmlCmd) Help() string {
	return `The engine for OASIS XACML 3.0 by itself: nothing of a register is read.

Examples:
  fullmakt xacml eval --policy policy.xml --request request.json
  fullmakt xacml lint policies/*.xml
  fullmakt xacml test tests/*.txtar`
}

type xacmlEvalCmd struct {
	Policy  []string `required:"" sep:"none" placeholder:"FILE" help:"A root policy or policy set. It may be given several times; one of them at most may be applicable."`
	Ref     []string `sep:"none" placeholder:"FILE" help:"A policy that others may refer to; may be given several times. It is compiled when a reference needs it."`
	Request string   `required:"" placeholder:"FILE" help:"The request, in XML or JSON. - reads standard input."`
	Trace   bool     `help:"Tell on standard error which policies and rules were evaluated, and how."`
}

// Help is shown by xacml eval --help.
func (xacmlEvalCmd) Help() string {
	return `The response is printed in the notation of the JSON Profile 1.1, whatever notation the request is in. A policy or request that is wrong gives the result Indeterminate with the status code of what is wrong, and exit status 0; a file that cannot be read is exit status 2.

The clock that supplies current-time, current-date and current-dateTime shows --at, or now.

Examples:
  fullmakt xacml eval --policy root.xml --request request.json
  fullmakt xacml eval --policy a.xml --policy b.xml --ref shared.xml --request request.xml
  fullmakt xacml eval --policy root.xml --request - --at '2026-03-03 14:00' < request.json`
}

// Run decides the request.
func (c *xacmlEvalCmd) Run(a *app) error {
	now, err := a.clock()
	if err != nil {
		return err
	}
	roots, err := readSources(c.Policy)
	if err != nil {
		return err
	}
	refs, err := readSources(c.Ref)
	if err != nil {
		return err
	}
	request, err := readRequest(c.Request)
	if err != nil {
		return err
	}
	library := &xacml.Library{}
	for _, ref := range refs {
		library.Add(ref)
	}
	answer := xacml.Answer(roots, library, request, now)
	if c.Trace && answer.Trace != nil {
		for i, steps := range answer.Trace.Requests {
			if len(answer.Trace.Requests) > 1 {
				a.say("%s", a.texts.Say("trace.request", "n", i+1))
			}
			for _, line := range a.traceLines(steps, "") {
				a.say("%s", line)
			}
		}
	}
	a.printf("%s\n", answer.Response.JSON(answer.Dialect))
	return nil
}

// clock returns the time asked about, now by default.
func (a *app) clock() (time.Time, error) {
	at, err := a.at()
	if err != nil || !at.IsZero() {
		return at, err
	}
	return a.now.In(a.oslo), nil
}

// readSources reads files whole. One that cannot be read is a wrong command line.
func readSources(paths []string) ([]xacml.Source, error) {
	var list []xacml.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "policy: %w", err)
		}
		list = append(list, xacml.Source{Name: path, Text: text})
	}
	return list, nil
}

// readRequest reads a request from a file, or from standard input for "-".
func readRequest(path string) (text []byte, err error) {
	if path == "-" {
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "request: %w", err)
	}
	return text, nil
}
