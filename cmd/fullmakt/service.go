package main

import (
	"errors"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/text"
)

// wireService is a decision about an action on a resource as JSON. The answers are
// those about what is held or missing, as check and explain write them.
type wireService struct {
	Allowed  bool              `json:"allowed"`
	Decision string            `json:"decision"`
	Reason   fullmakt.Reason   `json:"reason"`
	Resource string            `json:"resource"`
	Action   string            `json:"action"`
	Policy   wireServicePolicy `json:"policy"`
	Rule     string            `json:"rule,omitempty"`
	Held     []string          `json:"held"`
	Missing  []string          `json:"missing"`
	Actions  []string          `json:"actions,omitempty"`
	Revision fullmakt.Seq      `json:"revision"`
	Answers  []wireAnswer      `json:"answers"`
}

type wireServicePolicy struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// runService decides about an action on a resource, as the decision point does.
func (a *app) runService(name string, args *questionArgs) error {
	if args.Resource == "" {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--action needs a resource").WithHint("name it with --resource ID; fullmakt registry list shows them all")
	}
	told, x, answers, err := a.askService(args)
	if err != nil {
		return err
	}
	a.logReveal(name)
	switch {
	case a.globals.Quiet:
	case a.globals.wantsJSON():
		w := wireService{
			Allowed: told.Allowed, Decision: x.Decision.String(), Reason: told.Reason, Resource: told.Resource, Action: told.Action,
			Policy: wireServicePolicy{told.Policy, told.Version}, Rule: told.Rule, Held: []string{}, Missing: []string{}, Actions: told.Actions, Revision: told.Revision, Answers: []wireAnswer{},
		}
		w.Held, w.Missing = append(w.Held, told.Held...), append(w.Missing, told.Missing...)
		for _, answer := range answers {
			w.Answers = append(w.Answers, a.wireAnswer(answer))
		}
		if err := a.printJSON(w); err != nil {
			return err
		}
	default:
		a.printLines(&text.Answer{Allowed: told.Allowed}, a.texts.Service(told))
		for _, answer := range answers {
			if name == "explain" {
				a.printf("\n")
				a.printLines(answer, a.texts.Long(answer))
			}
		}
	}
	if told.Allowed {
		return nil
	}
	return status(exitNo)
}

// askService explains a decision about an action on a resource: the half of the
// policy, and one answer about each thing that is held or missing.
func (a *app) askService(args *questionArgs) (*text.Service, *registry.Explanation, []*text.Answer, error) {
	fail := func(err error) (*text.Service, *registry.Explanation, []*text.Answer, error) {
		return nil, nil, nil, err
	}
	at, err := a.at()
	if err != nil {
		return fail(err)
	}
	n, err := a.open()
	if err != nil {
		return fail(err)
	}
	defer n.Close()
	subject, err := a.find(n, args.Subject)
	if err != nil {
		return fail(err)
	}
	object, err := a.find(n, args.For)
	if err != nil {
		return fail(err)
	}
	register, err := n.Register(a.ctx)
	if err != nil {
		return fail(err)
	}
	s, err := n.Snapshot(a.ctx)
	if err != nil {
		return fail(err)
	}
	d := &registry.Decider{Snapshot: s, View: n.Registry(s), AllowUncertain: true}
	if at.IsZero() {
		at = a.now
	} else if at.Before(s.At()) {
		var before *node.BeforeHistoryError
		if d.Snapshot, err = n.Around(a.ctx, at, subject.No, object.No); errors.As(err, &before) {
			return fail(&reasoned{err: fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err), reason: fullmakt.ReasonBeforeHistory})
		} else if err != nil {
			return fail(err)
		}
	}
	q := registry.Question{Subject: subject.No, For: object.No, Resource: args.Resource, Action: args.Action, At: at}
	x := d.Explain(&q)
	if x.Policy == nil {
		return fail(&reasoned{
			err:    fullmakt.Errorf(fullmakt.CodeNotFound, "%s: %s", args.Resource, x.Status.Message).WithHint("fullmakt registry list shows them all"),
			reason: fullmakt.ReasonNoResource,
		})
	}
	t := a.teller(d.Snapshot, register)
	told, queries := t.Service(a.texts, q, &x)
	var answers []*text.Answer
	for _, query := range queries {
		answers = append(answers, t.answer(query, pdp.Explain(d.Snapshot, query)))
	}
	return told, &x, answers, nil
}
