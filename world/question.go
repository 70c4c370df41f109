package world

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// The rules that a list may be filtered by, the reasons an answer may give, and
// the states a party may be in.
var (
	pathRules = []fullmakt.Rule{fullmakt.RuleSelf, fullmakt.RuleDirect, fullmakt.RuleNest, fullmakt.RuleClient, fullmakt.RuleSub, fullmakt.RuleENK}
	baseRules = []fullmakt.Rule{fullmakt.RuleSelf, fullmakt.RuleDirect, fullmakt.RuleNest, fullmakt.RuleClient}
	giveRules = []fullmakt.Rule{fullmakt.RuleGive1, fullmakt.RuleGive2}

	yesReasons = []fullmakt.Reason{
		fullmakt.ReasonSelf, fullmakt.ReasonRole, fullmakt.ReasonGrant, fullmakt.ReasonNesting, fullmakt.ReasonClient,
		fullmakt.ReasonMainUnit, fullmakt.ReasonSoleProprietor,
	}
	missReasons = []fullmakt.Reason{
		fullmakt.ReasonHolderDeceased, fullmakt.ReasonPartyDeleted, fullmakt.ReasonRoleDeregistered,
		fullmakt.ReasonNotYetValid, fullmakt.ReasonExpired, fullmakt.ReasonOrgForm,
		fullmakt.ReasonIKSParticipant, fullmakt.ReasonNotKeyRole, fullmakt.ReasonNestingLimit,
		fullmakt.ReasonNotDelegable, fullmakt.ReasonNoRelation, // the latter of an agent who is one no more
	}
	noReasons   = append(slices.Clone(missReasons), fullmakt.ReasonPackageNotHeld, fullmakt.ReasonWrongPartyType)
	giveReasons = append(slices.Clone(noReasons), fullmakt.ReasonNotAdmin, fullmakt.ReasonNotAssignable)

	states = []string{
		fullmakt.OrgState(0).String(), fullmakt.Deleted.String(), fullmakt.Bankrupt.String(),
		fullmakt.WindingUp.String(), fullmakt.ForcedWindingUp.String(),
	}
)

// questionStatement reads one line of the questions section.
func (p *parser) questionStatement(l *line) error {
	switch {
	case l.keyword("at"):
		return p.defaultTime(l)
	case l.keyword("check"):
		at := p.at
		p.later = append(p.later, pass{l, func() error { return p.check(l, at) }})
	case l.keyword("list"):
		at := p.at
		p.later = append(p.later, pass{l, func() error { return p.list(l, at) }})
	default:
		return l.unknown("check, list or at")
	}
	return nil
}

func (p *parser) defaultTime(l *line) (err error) {
	if p.at, err = l.instant(); err != nil {
		return err
	}
	if !l.done() {
		return l.unknown("the end of the line")
	}
	return nil
}

func (p *parser) check(l *line, at int64) error {
	q := Question{Kind: Check, At: at, Where: p.where(l.no)}
	text, err := l.value("who would act")
	if err != nil {
		return err
	}
	if q.Subject, err = p.party(text); err != nil {
		return err
	}
	if text, err = l.after("for", "on behalf of whom"); err != nil {
		return err
	}
	if q.For, err = p.party(text); err != nil {
		return err
	}
	if err := p.what(l, &q, "package PACKAGE, role ROLE, right RIGHT of RESOURCE, at TIME or the colon before the answer"); err != nil {
		return err
	}
	if q.Package != "" && q.Role != "" || q.Right != "" && q.Package+string(q.Role) != "" {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the question names more than one of a package, a role and a right").
			WithHint("ask about one of them at a time")
	}
	if err := p.answer(l, &q.Want); err != nil {
		return err
	}
	q.Text = l.written()
	p.world.Questions = append(p.world.Questions, q)
	return nil
}

func (p *parser) list(l *line, at int64) error {
	q := Question{At: at, Where: p.where(l.no)}
	party := &q.Subject
	switch {
	case l.keyword("by"):
		q.Kind = ListBy
	case l.keyword("for"):
		q.Kind = ListFor
		party = &q.For
	default:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "a list is by someone or for someone").
			WithHint("write list by PARTY for whom it may act for, list for PARTY for who may act for it")
	}
	text, err := l.value("whose list it is")
	if err != nil {
		return err
	}
	if *party, err = p.party(text); err != nil {
		return err
	}
	if err := p.what(l, &q, "package PACKAGE, role ROLE, right RIGHT of RESOURCE, rule RULE, business-only, at TIME or the colon before the parties"); err != nil {
		return err
	}
	if l.done() {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the list does not say whom it holds").
			WithHint("write the parties after the colon, or nobody")
	}
	q.Text = l.written()
	if l.keyword("nobody") {
		if !l.done() {
			return l.unknown("the end of the line")
		}
		p.world.Questions = append(p.world.Questions, q)
		return nil
	}
	for !l.done() {
		if text, err = l.value("a party"); err != nil {
			return err
		}
		id, err := p.party(text)
		if err != nil {
			return err
		}
		if slices.Contains(q.WantParties, id) {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "the list names %s twice", show(text)).WithHint("name it once")
		}
		q.WantParties = append(q.WantParties, id)
	}
	p.world.Questions = append(p.world.Questions, q)
	return nil
}

// what reads the clauses of a question up to and with the colon.
func (p *parser) what(l *line, q *Question, want string) error {
	clauses := map[string]func() error{
		"package": func() error {
			text, err := l.value("the package")
			if err == nil {
				q.Package, err = p.packageCode(text)
			}
			return err
		},
		"role": func() error {
			text, err := l.value("the role")
			if err == nil {
				q.Role, err = p.roleCode(text)
			}
			return err
		},
		"right": func() (err error) { q.Resource, q.Right, err = l.right(); return err },
		"at":    func() (err error) { q.At, err = l.instant(); return err },
	}
	if q.Kind != Check {
		clauses["rule"] = func() (err error) { q.Rule, err = oneOf(l, "the rule", pathRules); return err }
		clauses["business-only"] = func() error { q.BusinessOnly = true; return nil }
	}
	if err := l.clauses(want, clauses); err != nil {
		return err
	}
	if !l.colon() {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the question does not end in a colon").
			WithHint("write a colon and the expected answer after %s", l.before())
	}
	return nil
}

// answer reads what a check is expected to answer, to the end of the line.
func (p *parser) answer(l *line, a *Answer) error {
	reasons := noReasons
	switch {
	case l.keyword("yes"):
		a.Allowed = true
		reasons = yesReasons
	case l.keyword("no"):
	case l.done():
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the answer is missing").WithHint("write yes or no after the colon")
	default:
		return l.unknown("yes or no")
	}
	a.Reason = some(l, reasons)
	if l.done() {
		return nil
	}
	return l.clauses("a reason right after yes or no, then may give, may not give, paths, misses, state, uncertain or certain",
		map[string]func() error{
			"may":       func() error { return mayGive(l, a) },
			"uncertain": func() error { a.Uncertain = Yes; return nil },
			"certain":   func() error { a.Uncertain = No; return nil },
			"state":     func() (err error) { a.State, err = oneOf(l, "the state", states); return err },
			"paths": func() error {
				if !a.Allowed {
					return fullmakt.Errorf(fullmakt.CodeInvalid, "a no has no paths").WithHint("write misses and the reasons")
				}
				return paths(l, a)
			},
			"misses": func() error {
				if a.Allowed {
					return fullmakt.Errorf(fullmakt.CodeInvalid, "a yes has no near misses").WithHint("write paths and their rules")
				}
				return misses(l, a)
			},
		})
}

// mayGive reads what follows the word "may".
func mayGive(l *line, a *Answer) (err error) {
	a.Give = Yes
	if l.keyword("not") {
		a.Give = No
	}
	if err := l.expect("give"); err != nil {
		return err
	}
	if a.Give == No {
		a.GiveReason = some(l, giveReasons)
	} else if l.keyword("by") {
		a.GiveRule, err = oneOf(l, "the rule", giveRules)
	}
	return err
}

func paths(l *line, a *Answer) error {
	a.HasPaths = true
	for kind, ok := pathKind(l); ok; kind, ok = pathKind(l) {
		a.Paths = append(a.Paths, kind)
	}
	if len(a.Paths) == 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "no path is named").
			WithHint("write their rules after paths, as NEST or DIRECT+SUB")
	}
	return nil
}

// pathKind reads the next word if it is a path's base with at most one extension.
func pathKind(l *line) (PathKind, bool) {
	for _, base := range baseRules {
		for _, extension := range []fullmakt.Rule{"", fullmakt.RuleSub, fullmakt.RuleENK} {
			if k := (PathKind{base, extension}); l.keyword(k.String()) {
				return k, true
			}
		}
	}
	return PathKind{}, false
}

func misses(l *line, a *Answer) error {
	a.HasMisses = true
	if l.keyword("none") {
		return nil
	}
	for {
		reason := some(l, missReasons)
		if reason == "" {
			break
		}
		if !slices.Contains(a.Misses, reason) {
			a.Misses = append(a.Misses, reason)
		}
	}
	if len(a.Misses) == 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "no near miss is named").
			WithHint("write their reasons after misses, as nesting_limit, or none")
	}
	return nil
}

// some reads the next word if it is one of known, and returns "" if not.
func some[T ~string](l *line, known []T) T {
	for _, k := range known {
		if l.keyword(string(k)) {
			return k
		}
	}
	return ""
}

// oneOf reads the next word, which must be one of known.
func oneOf[T ~string](l *line, what string, known []T) (T, error) {
	if k := some(l, known); k != "" {
		return k, nil
	}
	var names string
	for i, k := range known {
		if i > 0 {
			names += ", "
		}
		names += string(k)
	}
	text, err := l.value(what)
	if err != nil {
		return "", err
	}
	return "", fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not understood", show(text)).
		WithHint("%s may be %s", what, names)
}
