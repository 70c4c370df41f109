package main

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

type listCmd struct {
	For      string   `xor:"end" required:"" placeholder:"PARTY" help:"List who may act on behalf of this party."`
	By       string   `xor:"end" required:"" placeholder:"SUBJECT" help:"List whom this party may act on behalf of."`
	Package  string   `placeholder:"PACKAGE" help:"Only where this access package may be used or given."`
	Role     string   `placeholder:"ROLE" help:"Only where this role is had."`
	Rule     string   `placeholder:"RULE" help:"Only where a path has this rule: SELF, DIRECT, NEST, CLIENT, SUB or ENK."`
	Refused  bool     `help:"After the last page, also list the near misses."`
	Page     string   `placeholder:"TOKEN" help:"The next page, with the token that the page before ended with."`
	PageSize int      `default:"100" help:"How many to a page, 1 to 10000."`
	Purpose  string   `placeholder:"TEXT" help:"Why a real person's authority is listed (rule PRIV-1). It is logged."`
	Purposes []string `placeholder:"TEXT" env:"FULLMAKT_PURPOSES" help:"The operator's list of purposes that also cover organisations that do no business."`
}

// Help is shown by list --help.
func (listCmd) Help() string {
	return `A page is bound to the revision it was made at: a list is complete over its pages, or an error.

Listing what a real person holds needs --purpose, and leaves out organisations that do no business unless that purpose is among --purposes (enhetsregisterloven § 22). Synthetic persons are exempt.

Examples:
  fullmakt --demo list --for "Bergen AS"
  fullmakt --demo list --by kari --package delegerbare-maskinporten-scopes -o json
  fullmakt --demo list --for "Bergen AS" --refused
  fullmakt --demo list --by anne --role REGN --page-size 2`
}

// maxPageSize bounds a page.
const maxPageSize = 10_000

// Run lists a page.
func (c *listCmd) Run(a *app) error {
	if err := c.check(a); err != nil {
		return err
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	l, err := c.ask(a, n)
	if err != nil {
		return err
	}
	a.logReveal("list")
	if a.globals.wantsJSON() {
		return a.printJSON(l.wire())
	}
	l.print()
	return nil
}

func (c *listCmd) check(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	if c.PageSize < 1 || c.PageSize > maxPageSize {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--page-size %d: want 1 to %d", c.PageSize, maxPageSize)
	}
	c.Rule = strings.ToUpper(c.Rule)
	rules := []string{"", "SELF", "DIRECT", "NEST", "CLIENT", "SUB", "ENK"}
	if !slices.Contains(rules, c.Rule) {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--rule %q is no rule of a path", c.Rule).WithHint("the rules of paths are %s", strings.Join(rules[1:], ", "))
	}
	return nil
}

// listing is one page that was asked for, with what is needed to tell it.
type listing struct {
	*teller
	party   fullmakt.Party
	forward bool // whom the party may act for, not who may act for it
	filter  pdp.Filter
	at      int64
	pairs   []pdp.Pair
	next    string
	refused []*text.Answer
}

// ask finds the page.
func (c *listCmd) ask(a *app, n *node.Node) (*listing, error) {
	l := &listing{forward: c.By != ""}
	what, err := a.findWhat(n.Catalogue(), c.Package, c.Role)
	if err != nil {
		return nil, err
	}
	if l.party, err = a.find(n, cmp.Or(c.By, c.For)); err != nil {
		return nil, err
	}
	l.filter = pdp.Filter{Package: what.pkg, Rule: fullmakt.Rule(c.Rule)}
	if l.filter.BusinessOnly, err = c.private(a, l); err != nil {
		return nil, err
	}
	register, err := n.Register(a.ctx)
	if err != nil {
		return nil, err
	}
	token := pageToken{Query: c.fingerprint(l)}
	if c.Page != "" {
		if token, err = parsePageToken(c.Page, token.Query); err != nil {
			return nil, err
		}
	}
	s, at, err := c.snapshot(a, n, l.party.No, token)
	if err != nil {
		return nil, err
	}
	if token.Seq != 0 && token.Seq != s.Seq() {
		return nil, fullmakt.Errorf(fullmakt.CodeStale, "the page belongs to revision %d; the register is at revision %d now", token.Seq, s.Seq()).
			WithHint("start again without --page")
	}
	if what.role != "" {
		if l.filter.Role = s.RoleID(what.role); l.filter.Role == 0 {
			return nil, unknownRole(n.Catalogue(), string(what.role))
		}
	}
	l.teller, l.at = a.teller(s, register), at.Unix()
	list := pdp.WhoActsFor
	if l.forward {
		list = pdp.ActsFor
	}
	pairs, next := list(s, l.party.No, l.at, l.filter, token.After, c.PageSize)
	l.pairs = pairs
	if next != 0 {
		token.Seq, token.After, token.At = s.Seq(), next, l.at
		l.next = token.String()
	} else if c.Refused {
		return l, l.findRefused()
	}
	return l, nil
}

// snapshot returns the register as of the time asked about, and that time, which
// for a further page is that of the first.
func (c *listCmd) snapshot(a *app, n *node.Node, party fullmakt.PartyNo, token pageToken) (*index.Snapshot, time.Time, error) {
	at, err := a.at()
	if err != nil {
		return nil, at, err
	}
	if at.IsZero() {
		s, err := n.Snapshot(a.ctx)
		at = a.now
		if token.At != 0 {
			at = time.Unix(token.At, 0)
		}
		return s, at, err
	}
	around := func() (*index.Snapshot, error) { return n.Around(a.ctx, at, party) }
	if c.By != "" {
		around = func() (*index.Snapshot, error) { return n.Reach(a.ctx, at, party) }
	}
	s, err := around()
	var before *node.BeforeHistoryError
	if errors.As(err, &before) {
		err = &reasoned{
			err:    fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: %s", a.globals.At, a.texts.Reason(fullmakt.ReasonBeforeHistory)).WithHint("%s", fullmakt.ErrorHint(err)),
			reason: fullmakt.ReasonBeforeHistory,
		}
	}
	return s, at, err
}

// fingerprint tells one question from another, so that a page token is not taken
// for another list.
func (c *listCmd) fingerprint(l *listing) uint32 {
	return fingerprint(strconv.FormatBool(l.forward), strconv.Itoa(int(l.party.No)), strconv.Itoa(int(l.filter.Package)),
		strings.ToLower(c.Role), c.Rule, strconv.FormatBool(l.filter.BusinessOnly))
}

// query is the question that a pair answers.
func (l *listing) query(subject, object fullmakt.PartyNo) pdp.Query {
	q := pdp.Ask(subject, object, l.at)
	q.Package = l.filter.Package
	if q.Package == catalogue.NoPackage {
		q.Role = l.filter.Role
	}
	return q
}

func (l *listing) explain(p pdp.Pair) *text.Answer {
	q := l.query(p.Subject, p.For)
	return l.answer(q, pdp.Explain(l.s, q))
}

// wire is the list as JSON.
func (l *listing) wire() wireList {
	stamp := &text.Answer{}
	l.a.stamp(stamp, l.register)
	w := wireList{
		Items: []any{}, Next: l.next, Revision: l.s.Seq(), At: wireTime(time.Unix(l.at, 0).In(l.a.oslo)),
		BusinessOnly: l.filter.BusinessOnly, Register: wireRegisterOf(stamp),
	}
	for _, p := range l.pairs {
		answer := l.explain(p)
		if l.filter.Package != catalogue.NoPackage {
			w.Items = append(w.Items, l.a.wireAnswer(answer))
			continue
		}
		w.Items = append(w.Items, wirePair{
			Subject: l.a.wireParty(answer.Subject), For: l.a.wireParty(answer.For), Uncertain: p.Uncertain,
			Packages: urns(l.s.Catalogue(), p.Use), Give: urns(l.s.Catalogue(), p.Give), Rights: p.Rights, Paths: l.a.wirePaths(answer.Paths),
		})
	}
	for _, answer := range l.refused {
		w.Refused = append(w.Refused, l.a.wireAnswer(answer))
	}
	return w
}

// print is the list for people.
func (l *listing) print() {
	a, texts := l.a, l.a.texts
	party := a.storedParty(l.party)
	title, column := "list.for", "col.who"
	if l.forward {
		title, column = "list.by", "col.for"
	}
	a.printf("%s\n", a.paint(bold, texts.Say(title, "party", party.Label())))
	t := table{head: []string{texts.Say(column), texts.Say("col.number"), texts.Say("col.use"), texts.Say("col.give"), texts.Say("col.path"), texts.Say("col.since")}, long: 4}
	for _, p := range l.pairs {
		answer := l.explain(p)
		other := l.other(answer)
		path, since := "–", ""
		if len(answer.Paths) > 0 {
			path = texts.Line(answer.Paths[0], answer.Subject, answer.For)
			if more := len(answer.Paths) - 1; more > 0 {
				path += " (+" + strconv.Itoa(more) + ")"
			}
			since = answer.Paths[0].Since().String()
		}
		t.add(other.Label(), other.ID, l.held(p.Use, answer.Allowed), l.held(p.Give, answer.MayGive), path, since)
	}
	if len(l.pairs) > 0 {
		t.print(a)
	}
	if len(l.pairs) == 1 {
		a.printf("%s\n", texts.Say("list.count.one"))
	} else {
		a.printf("%s\n", texts.Say("list.count", "n", len(l.pairs)))
	}
	if l.filter.Package == catalogue.NoPackage && len(l.pairs) > 0 {
		a.printf("%s\n", texts.Say("list.packages"))
	}
	if l.filter.BusinessOnly {
		a.printf("%s\n", texts.Say("list.business"))
	}
	if l.register.Stale != "" {
		a.printf("%s\n", texts.Say("note.stale", "why", l.register.Stale))
	}
	if l.next != "" {
		a.printf("%s\n", texts.Say("list.next", "token", l.next))
	}
	l.printRefused()
}

// other is the party at the far end of a pair.
func (l *listing) other(answer *text.Answer) text.Party {
	if l.forward {
		return answer.For
	}
	return answer.Subject
}

// held tells how much may be used or given: yes or no when the question names a
// package, else how many packages.
func (l *listing) held(set catalogue.PackageSet, yes bool) string {
	if l.filter.Package != catalogue.NoPackage {
		return l.a.texts.YesNo(yes)
	}
	return strconv.Itoa(set.Len())
}
