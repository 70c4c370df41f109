package main

import (
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

type assertCmd struct {
	Files []string `arg:"" name:"file" help:"World files with questions and expected answers."`
}

// Help is shown by assert --help.
func (assertCmd) Help() string {
	return `A world file holds a register of made-up parties, and questions with the answers that are expected. Every answer that differs is printed with its explanation. Exit status 1 when one differs.

Example:
  fullmakt assert worlds/*.txtar`
}

// wireAssertion is the JSON of assert.
type wireAssertion struct {
	Passed   int           `json:"passed"`
	Failed   int           `json:"failed"`
	Failures []wireFailure `json:"failures"`
}

type wireFailure struct {
	Where   string       `json:"where"`
	Differs []string     `json:"differs"`
	Explain []wireAnswer `json:"explain"`
}

// Run asks every file's questions.
func (c *assertCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	total := wireAssertion{Failures: []wireFailure{}}
	for _, file := range c.Files {
		if err := a.assertFile(file, &total); err != nil {
			return err
		}
	}
	return a.sumUp(total, total.Passed, total.Failed)
}

// assertFile asks one file's questions and tells of those that fail.
func (a *app) assertFile(file string, total *wireAssertion) error {
	cat, err := a.catalogue()
	if err != nil {
		return err
	}
	w, err := readWorld(file, cat)
	if err != nil {
		return err
	}
	n, err := node.Open(a.ctx, node.Options{Catalogue: cat, World: w, Log: a.log})
	if err != nil {
		return err
	}
	defer n.Close()
	s, err := n.Snapshot(a.ctx)
	if err != nil {
		return err
	}
	register, err := n.Register(a.ctx)
	if err != nil {
		return err
	}
	t := a.teller(s, register)
	for _, result := range node.Assert(s, w, a.now) {
		if result.Pass() {
			total.Passed++
			continue
		}
		total.Failed++
		failure := wireFailure{Where: result.Question.Where, Differs: result.Failures}
		var answers []*text.Answer
		for _, q := range result.Explain {
			answers = append(answers, t.answer(q, pdp.Explain(s, q)))
		}
		if !a.globals.wantsJSON() {
			a.printFailure(failure, answers)
			continue
		}
		for _, answer := range answers {
			failure.Explain = append(failure.Explain, a.wireAnswer(answer))
		}
		total.Failures = append(total.Failures, failure)
	}
	return nil
}

func (a *app) printFailure(failure wireFailure, answers []*text.Answer) {
	a.printf("%s  %s\n", a.paint(bold+red, "✖ "+a.texts.Say("suite.failed")), failure.Where)
	for _, what := range failure.Differs {
		a.printf("  %s\n", what)
	}
	for _, answer := range answers {
		a.printf("\n")
		a.printLines(answer, a.texts.Long(answer))
	}
	a.printf("\n")
}
