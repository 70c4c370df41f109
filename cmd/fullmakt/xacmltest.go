package main

import (
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/xacml"
)

type xacmlTestCmd struct {
	Policy []string `sep:"none" placeholder:"FILE" help:"A root policy for every file, beside those that a file names itself."`
	Ref    []string `sep:"none" placeholder:"FILE" help:"A policy that others may refer to, for every file."`
	Files  []string `arg:"" name:"file" help:"Files with requests and expected answers."`
}

// Help is shown by xacml test --help.
func (xacmlTestCmd) Help() string {
	return `A file holds policies, or names them, and cases: a request and the answer that it must get, whole, with obligations and advice. docs/xacml.md describes the form. Every case that differs is printed with what was evaluated, rule by rule. Exit status 1 when one differs.

  -- policies --
  root policy.xml
  -- decisions --
  a doctor reads: subject.role=doctor action.id:action-id=read => Permit
  nobody else does: subject.role=clerk action.id:action-id=read => NotApplicable

The clock shows --at, or now.

Examples:
  fullmakt xacml test tests/*.txtar
  fullmakt xacml test --policy policy.xml tests/*.txtar`
}

// wireXACMLTest is the JSON of xacml test.
type wireXACMLTest struct {
	Passed   int                `json:"passed"`
	Failed   int                `json:"failed"`
	Failures []wireXACMLFailure `json:"failures"`
}

type wireXACMLFailure struct {
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Case    string   `json:"case"`
	Request string   `json:"request"`
	Differs []string `json:"differs"`
	Trace   []string `json:"trace,omitempty"`
}

// Run runs every file's cases.
func (c *xacmlTestCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	total := wireXACMLTest{Failures: []wireXACMLFailure{}}
	for _, file := range c.Files {
		if err := c.runFile(a, file, &total); err != nil {
			return err
		}
	}
	return a.sumUp(total, total.Passed, total.Failed)
}

// runFile runs one file's cases and tells of those that fail.
func (c *xacmlTestCmd) runFile(a *app, file string, total *wireXACMLTest) error {
	now, err := a.clock()
	if err != nil {
		return err
	}
	suite, err := c.readSuite(file)
	if err != nil {
		return err
	}
	for _, outcome := range suite.Run(now) {
		if len(outcome.Differences) == 0 {
			total.Passed++
			continue
		}
		total.Failed++
		failure := wireXACMLFailure{File: file, Line: outcome.Case.Line, Case: outcome.Case.Name, Request: outcome.Request, Differs: outcome.Differences}
		if outcome.Trace != nil {
			for _, steps := range outcome.Trace.Requests {
				failure.Trace = append(failure.Trace, a.traceLines(steps, "")...)
			}
		} else if len(outcome.Response.Results) > 0 {
			failure.Trace = []string{outcome.Response.Results[0].Status.Message}
		}
		total.Failures = append(total.Failures, failure)
		if !a.globals.wantsJSON() {
			a.printXACMLFailure(failure)
		}
	}
	return nil
}

// readSuite reads a file of cases, with the policies of the command line.
func (c *xacmlTestCmd) readSuite(file string) (*xacml.Suite, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "cases: %w", err)
	}
	suite, err := xacml.ParseSuite(file, text, func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		return os.ReadFile(path)
	})
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%w", err).WithHint("see fullmakt xacml test --help")
	}
	if len(suite.Sections) > 0 {
		s := suite.Sections[0]
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s:%d: there is no section %q", file, s.Line-1, s.Name).
			WithHint("sections are root*.xml, ref*.xml, policies, decisions, request* and response*")
	}
	roots, err := readSources(c.Policy)
	if err != nil {
		return nil, err
	}
	refs, err := readSources(c.Ref)
	if err != nil {
		return nil, err
	}
	suite.Roots = append(suite.Roots, roots...)
	suite.Refs = append(suite.Refs, refs...)
	switch {
	case len(suite.Roots) == 0:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s: there is no policy to test", file).
			WithHint("name one with --policy, or in a section \"policies\" of the file")
	case len(suite.Cases) == 0:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s: there are no cases", file).
			WithHint("write them in a section \"decisions\": NAME: REQUEST => ANSWER")
	}
	return suite, nil
}

func (a *app) printXACMLFailure(failure wireXACMLFailure) {
	a.printf("%s  %s:%d: %s (%s)\n", a.paint(bold+red, "✖ "+a.texts.Say("suite.failed")), failure.File, failure.Line, failure.Case, failure.Request)
	for _, line := range failure.Differs {
		a.printf("  %s\n", line)
	}
	if len(failure.Trace) > 0 {
		a.printf("  %s\n", a.texts.Say("trace.evaluated"))
	}
	for _, line := range failure.Trace {
		a.printf("    %s\n", line)
	}
	a.printf("\n")
}
