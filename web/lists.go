package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// listFilter is what narrows a list of authority, as the address has it: the same
// in both directions, who acts for a party and for whom a party acts.
type listFilter struct {
	pdp.Filter
	Package *catalogue.Package // nil for any
	Role    *text.Role         // nil for any
	Hidden  bool               // leaves the near misses out
	Near    bool               // wants them even where there are many
}

// rulesOfPaths are the rules that a list can be narrowed by.
var rulesOfPaths = []fullmakt.Rule{fullmakt.RuleDirect, fullmakt.RuleNest, fullmakt.RuleClient, fullmakt.RuleSub, fullmakt.RuleENK}

// listFilter reads the filter from the address.
func (v *view) listFilter() (f listFilter, err error) {
	f.Filter = pdp.All
	query := v.r.URL.Query()
	if name := strings.TrimSpace(query.Get("package")); name != "" {
		p, ok := v.snap.Catalogue().FindPackage(name)
		if !ok {
			return f, problem(http.StatusBadRequest, "no-package", "name", name)
		}
		f.Package, f.Filter.Package = &p, p.ID
	}
	if name := strings.TrimSpace(query.Get("role")); name != "" {
		if f.Filter.Role = v.roleID(name); f.Filter.Role == 0 {
			return f, problem(http.StatusBadRequest, "no-role", "name", name)
		}
		f.Role = v.teller().Role(f.Filter.Role)
	}
	if name := strings.ToUpper(strings.TrimSpace(query.Get("rule"))); name != "" {
		if f.Rule = fullmakt.Rule(name); !slices.Contains(rulesOfPaths, f.Rule) {
			return f, problem(http.StatusBadRequest, "no-rule", "name", name)
		}
	}
	f.Hidden, f.Near = query.Get("refused") == "off", query.Get("refused") == "on"
	return f, nil
}

// roleID returns the role that a name means; 0 for none.
func (v *view) roleID(name string) catalogue.RoleID {
	if r, ok := v.snap.Catalogue().FindRole(name); ok {
		return v.snap.RoleID(r.Code)
	}
	return v.snap.RoleID(fullmakt.RoleCode(strings.ToUpper(name)))
}

// Named reports whether anything narrows the list.
func (f *listFilter) Named() bool { return f.Package != nil || f.Role != nil || f.Rule != "" }

// query is what a line of the list answers.
func (f *listFilter) query(subject, object fullmakt.PartyNo, at int64) pdp.Query {
	q := pdp.Ask(subject, object, at)
	if q.Package = f.Filter.Package; q.Package == catalogue.NoPackage {
		q.Role = f.Filter.Role
	}
	return q
}

// asks are the names and values by which the address of an explanation asks the
// same.
func (f *listFilter) asks() []string {
	switch {
	case f.Package != nil:
		return []string{"package", f.Package.Code}
	case f.Role != nil:
		return []string{"role", string(f.Role.Code)}
	}
	return nil
}

// listLine is one line of a list of authority.
type listLine struct {
	Party       text.Party // at the far end
	Why         string     // the address of the explanation
	Hops        []text.Hop // of the first path; none for one who acts for itself
	More        int        // further paths
	Uses, Gives bool
	Use, Give   string // how much, in words
	Since       fullmakt.Date
	Uncertain   bool

	// Of a near miss: why it is none, in words too, and the rule that stopped it.
	Reason  fullmakt.Reason
	Stopped string
	Rule    fullmakt.Rule

	found pdp.Explanation
	path  text.Path // the one that is shown
}

// line tells a pair that stands in a list.
func (v *view) line(f *listFilter, p pdp.Pair, forward bool) listLine {
	q := f.query(p.Subject, p.For, v.at())
	l := v.explained(f, q, forward)
	l.Uncertain = p.Uncertain
	if f.Package != nil {
		l.Uses, l.Gives = p.Use.Has(f.Package.ID), p.Give.Has(f.Package.ID)
		l.Use, l.Give = v.texts.YesNo(l.Uses), v.texts.YesNo(l.Gives)
		return l
	}
	l.Uses, l.Use = v.howMuch(p.Use, p.Rights)
	l.Gives, l.Give = v.howMuch(p.Give, p.GiveRights)
	return l
}

// howMuch tells how many packages there are, and whether single rights besides.
func (v *view) howMuch(set catalogue.PackageSet, rights bool) (any bool, words string) {
	switch n := set.Len(); {
	case n == 0 && rights:
		return true, v.say("web.list.rights")
	case n == 0:
		return false, v.texts.YesNo(false)
	case n == 1:
		words = v.say("web.list.package")
	default:
		words = v.say("web.list.packages", "n", n)
	}
	if rights {
		words = v.say("web.list.and-rights", "packages", words)
	}
	return true, words
}

// explained tells how a question is answered, as a line whose far end is the
// subject or, forward, the object.
func (v *view) explained(f *listFilter, q pdp.Query, forward bool) listLine {
	t := v.teller()
	subject, object := t.Party(q.Subject), t.Party(q.For)
	l := listLine{Party: subject, Why: v.url("/check", append([]string{"subject", partyRef(subject), "for", partyRef(object)}, f.asks()...)...)}
	if forward {
		l.Party = object
	}
	l.found = pdp.Explain(v.snap, q)
	switch {
	case len(l.found.Paths) > 0:
		l.path = t.Path(f.firstPath(l.found.Paths))
		l.More = len(l.found.Paths) - 1
		l.Since = l.path.Since()
	case len(l.found.NearMisses) > 0:
		l.path = t.NearMiss(l.found.NearMisses[0])
		l.Reason, l.Rule, l.Stopped = l.path.Reason, l.path.Rule, v.texts.Stopped(l.path)
	}
	l.Hops = v.texts.Hops(l.path, object)
	return l
}

// firstPath is the path that a line shows: the first, or the first of the rule
// that the list is narrowed by.
func (f *listFilter) firstPath(paths []pdp.Path) pdp.Path {
	for _, p := range paths {
		if f.Rule != "" && (p.Rule == f.Rule || p.Extension == f.Rule) {
			return p
		}
	}
	return paths[0]
}
