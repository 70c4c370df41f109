package main

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// questionArgs are the arguments of check and explain.
type questionArgs struct {
	Subject  string `arg:"" help:"Who would act: a number, name, user name, UUID or URN."`
	For      string `required:"" placeholder:"PARTY" help:"On behalf of whom: a number, name, UUID or URN."`
	Package  string `xor:"what" placeholder:"PACKAGE" help:"With this access package: its code or URN. Without it the question is whether any package or single right is held."`
	Role     string `xor:"what" placeholder:"ROLE" help:"In this role instead: DAGL, daglig-leder or a URN."`
	Right    string `xor:"what" placeholder:"RIGHT" help:"With this single right to --resource instead, which a grant must name."`
	Action   string `xor:"what" placeholder:"ACTION" help:"Do this action on --resource instead: what its policy, grants and access lists say."`
	Resource string `placeholder:"ID" help:"The resource of --right or --action."`
}

type checkCmd struct{ questionArgs }

// Help is shown by check --help.
func (checkCmd) Help() string {
	return `Exit status: 0 yes, 1 no, 4 unknown party or package, 6 the register says nothing of that time.

Examples:
  fullmakt --demo check kari --for "Bergen AS" --package delegerbare-maskinporten-scopes
  fullmakt check 03918510094 --for 310000019 --role DAGL --demo --lang nb
  fullmakt --data DIR check kari --for 310000019 -o json
  if fullmakt --data DIR check -q kari --for 310000019; then ...`
}

// Run answers in a few lines.
func (c *checkCmd) Run(a *app) error {
	return a.runQuestion("check", &c.questionArgs, (*text.Texts).Short)
}

type explainCmd struct{ questionArgs }

// Help is shown by explain --help.
func (explainCmd) Help() string {
	return `Exit status as for check.

Examples:
  fullmakt --demo explain ola --for "Bergen AS"
  fullmakt --demo explain liv --for "Fjord Ltd NUF" --package delegerbare-maskinporten-scopes-NUF --lang nb
  fullmakt --demo explain ola --for "Bergen AS" --resource demo-skattemelding --action sign
  fullmakt --data DIR explain kari --for 310000019 --at 2026-03-03 -o json`
}

// Run answers with everything there is to say.
func (c *explainCmd) Run(a *app) error {
	return a.runQuestion("explain", &c.questionArgs, (*text.Texts).Long)
}

// runQuestion asks, prints the answer and turns it into the exit status.
func (a *app) runQuestion(name string, args *questionArgs, lines func(*text.Texts, *text.Answer) []text.Line) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	if args.Action != "" {
		return a.runService(name, args)
	}
	answer, err := a.ask(args)
	if err != nil {
		return err
	}
	a.logReveal(name)
	switch {
	case a.globals.Quiet:
	case a.globals.wantsJSON():
		if err := a.printJSON(a.wireAnswer(answer)); err != nil {
			return err
		}
	default:
		a.printLines(answer, lines(a.texts, answer))
	}
	return answerStatus(answer)
}

// answerStatus is the exit status of an answer: nil for a yes.
func answerStatus(answer *text.Answer) error {
	switch {
	case answer.Allowed:
		return nil
	case answer.Reason == fullmakt.ReasonBeforeHistory, answer.Reason == fullmakt.ReasonIndeterminate, answer.Reason == fullmakt.ReasonStale:
		return status(exitUnavailable)
	}
	return status(exitNo)
}

// ask answers one question, from just the organisations around it.
func (a *app) ask(args *questionArgs) (*text.Answer, error) {
	if (args.Right == "") != (args.Resource == "") {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "--right and --resource go together").
			WithHint("name the right and the resource, as --right read --resource skattemelding, or an action: --action read --resource skattemelding")
	}
	at, err := a.at()
	if err != nil {
		return nil, err
	}
	n, err := a.open()
	if err != nil {
		return nil, err
	}
	defer n.Close()
	what, err := a.findWhat(n.Catalogue(), args.Package, args.Role)
	if err != nil {
		return nil, err
	}
	what.right = text.Right{Resource: args.Resource, Right: args.Right}
	subject, err := a.find(n, args.Subject)
	if err != nil {
		return nil, err
	}
	object, err := a.find(n, args.For)
	if err != nil {
		return nil, err
	}
	register, err := n.Register(a.ctx)
	if err != nil {
		return nil, err
	}
	s, err := n.Around(a.ctx, at, subject.No, object.No)
	var before *node.BeforeHistoryError
	if errors.As(err, &before) {
		answer := a.beforeHistory(subject, object, what, at, register)
		if !before.Started.IsZero() {
			answer.HistoryFrom = before.Started.In(a.oslo)
		}
		return answer, nil
	}
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = a.now
	}
	q := pdp.Ask(subject.No, object.No, at.Unix())
	q.Package = what.pkg
	if what.right != (text.Right{}) {
		q.Right = cmp.Or(s.Right(what.right.Resource, what.right.Right), pdp.UnknownRight)
	}
	if what.role != "" {
		if q.Role = s.RoleID(what.role); q.Role == 0 {
			return nil, unknownRole(n.Catalogue(), string(what.role))
		}
	}
	answer := a.teller(s, register).answer(q, pdp.Explain(s, q))
	answer.Right = what.right // also where nobody was ever given it
	return answer, nil
}

// beforeHistory is the answer about a time that nothing is known of.
func (a *app) beforeHistory(subject, object fullmakt.Party, what what, at time.Time, register node.RegisterStatus) *text.Answer {
	answer := &text.Answer{
		Subject: a.storedParty(subject), For: a.storedParty(object), Package: what.entry, Right: what.right,
		Reason: fullmakt.ReasonBeforeHistory, At: at.In(a.oslo), Revision: register.Revision,
	}
	if what.role != "" {
		answer.Role = &text.Role{Code: what.role, Names: what.roleNames}
	}
	a.stamp(answer, register)
	return answer
}

// what is the package, the role or the single right that a question names, or none.
type what struct {
	pkg       catalogue.PackageID
	entry     *catalogue.Package
	role      fullmakt.RoleCode
	roleNames catalogue.Names
	right     text.Right
}

// findWhat looks up a package and a role by any of their names. A role that the
// catalogue lacks is kept as it is: the register may know it.
func (a *app) findWhat(c *catalogue.Catalogue, pkg, role string) (what, error) {
	w := what{pkg: catalogue.NoPackage}
	if pkg != "" {
		found, ok := c.FindPackage(pkg)
		if !ok {
			return w, unknownPackage(c, pkg)
		}
		w.pkg, w.entry = found.ID, &found
	}
	if role != "" {
		w.role = fullmakt.RoleCode(role)
		if found, ok := c.FindRole(role); ok {
			w.role, w.roleNames = found.Code, found.Names
		}
	}
	return w, nil
}

func unknownPackage(c *catalogue.Catalogue, name string) error {
	var names []string
	for _, p := range c.Packages() {
		names = append(append(names, p.Code, p.AltinnURN[strings.LastIndexByte(p.AltinnURN, ':')+1:]), p.Aliases...)
	}
	return &reasoned{
		err:    fullmakt.Errorf(fullmakt.CodeNotFound, "access package %q is not in the catalogue", name).WithHint("fullmakt catalogue list shows them all"),
		reason: fullmakt.ReasonUnknownPackage, likely: nearest(name, names),
	}
}

func unknownRole(c *catalogue.Catalogue, name string) error {
	var names []string
	for _, r := range c.Roles() {
		names = append(names, string(r.Code), r.AltinnCode)
	}
	return &reasoned{
		err:    fullmakt.Errorf(fullmakt.CodeNotFound, "role %q is neither in the catalogue nor in the register", name).WithHint("fullmakt catalogue list roles shows them all"),
		reason: fullmakt.ReasonUnknownPackage, likely: nearest(name, names),
	}
}

// find looks up a party by any of its names.
func (a *app) find(n *node.Node, ref string) (fullmakt.Party, error) {
	party, err := n.Find(a.ctx, ref)
	var ambiguous *node.AmbiguousError
	if err != nil && !errors.As(err, &ambiguous) && fullmakt.ErrorCode(err) == fullmakt.CodeNotFound {
		e := fullmakt.Errorf(fullmakt.CodeNotFound, "%w", err)
		if e.Hint = fullmakt.ErrorHint(err); e.Hint == "" {
			e.Hint = "use a number, a UUID, a URN, or the name as the register writes it"
		}
		return party, &reasoned{err: e, reason: fullmakt.ReasonUnknownParty}
	}
	return party, err
}
