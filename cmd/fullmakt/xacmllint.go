package main

import (
	"github.com/fullmakt/fullmakt/xacml"
)

type xacmlLintCmd struct {
	Files  []string `arg:"" name:"file" help:"Policies and policy sets: all that refer to each other."`
	Strict bool     `help:"Exit status 1 for warnings too."`
}

// Help is shown by xacml lint --help.
func (xacmlLintCmd) Help() string {
	return `Every reason for which a policy is refused is told with file and line, and as a warning what is allowed and hardly meant: unused variables, rules that are never reached, references to what is not there, attributes under almost the same name. Exit status 1 when a policy is refused or references go in a circle.

Examples:
  fullmakt xacml lint policies/*.xml
  fullmakt xacml lint --strict -o json policies/*.xml`
}

// wireXACMLLint is the JSON of xacml lint.
type wireXACMLLint struct {
	Errors   int               `json:"errors"`
	Warnings int               `json:"warnings"`
	Remarks  []wireXACMLRemark `json:"remarks"`
}

type wireXACMLRemark struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Severity string `json:"severity"` // error or warning
	Text     string `json:"text"`
}

// Run checks the files.
func (c *xacmlLintCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	sources, err := readSources(c.Files)
	if err != nil {
		return err
	}
	report := wireXACMLLint{Remarks: []wireXACMLRemark{}}
	for _, r := range xacml.Lint(sources) {
		severity := "error"
		if r.Warning {
			severity = "warning"
			report.Warnings++
		} else {
			report.Errors++
		}
		report.Remarks = append(report.Remarks, wireXACMLRemark{File: r.File, Line: r.Line, Severity: severity, Text: r.Text})
		if !a.globals.wantsJSON() {
			a.printf("%s\n", r)
		}
	}
	if a.globals.wantsJSON() {
		if err := a.printJSON(report); err != nil {
			return err
		}
	} else {
		a.tell("lint.sum", "errors", report.Errors, "warnings", report.Warnings, "files", len(sources))
	}
	if report.Errors > 0 || c.Strict && report.Warnings > 0 {
		return status(exitNo)
	}
	return nil
}
