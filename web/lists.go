package web

import (
	"cmp"
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
	Via     text.Party         // only those that act through it; zero for all
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
	if ref := strings.TrimSpace(query.Get("via")); ref != "" {
		no := v.byRef(ref)
		if v.snap.Kind(no) != fullmakt.KindOrganisation { // no path goes through any other, and whose name this is tells nobody
			return f, problem(http.StatusNotFound, "no-organisation", "number", ref)
		}
		f.Via = v.party(no)
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
func (f *listFilter) Named() bool {
	return f.Package != nil || f.Role != nil || f.Rule != "" || f.Via.No != 0
}

// query is what a line of the list answers.
func (f *listFilter) query(subject, object fullmakt.PartyNo, at int64) pdp.Query {
	q := pdp.Ask(subject, object, at)
	if q.Package = f.Filter.Package; q.Package == catalogue.NoPackage {
		q.Role = f.Filter.Role
	}
	return q
}

// address are the names and values by which an address has the filter.
func (f *listFilter) address() []string {
	pairs := []string{"rule", string(f.Rule), "via", partyRef(f.Via)}
	if f.Package != nil {
		pairs = append(pairs, "package", f.Package.Code)
	}
	if f.Role != nil {
		pairs = append(pairs, "role", string(f.Role.Code))
	}
	switch {
	case f.Hidden:
		pairs = append(pairs, "refused", "off")
	case f.Near:
		pairs = append(pairs, "refused", "on")
	}
	return pairs
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
	// Extended tells that the last hop is that of SUB or ENK.
	Extended bool
}

// acting is a pair of a list with all its paths, the one that is shown first.
type acting struct {
	pdp.Pair
	query pdp.Query
	paths []pdp.Path // at least one
}

// actings explains the pairs of a list, and puts them in the order in which people
// read them: by the rule of the path, then by the party that it goes through.
func (v *view) actings(f *listFilter, pairs []pdp.Pair) []acting {
	list := make([]acting, 0, len(pairs))
	for _, p := range pairs {
		a := acting{Pair: p, query: f.query(p.Subject, p.For, v.at())}
		a.paths = pdp.Explain(v.snap, a.query).Paths
		if len(a.paths) == 0 { // may give what it may not use: by what makes it an administrator
			a.paths = pdp.Explain(v.snap, pdp.Ask(p.Subject, p.For, v.at())).Paths
		}
		if i := slices.IndexFunc(a.paths, f.follows); i > 0 {
			a.paths = slices.Concat(a.paths[i:i+1], a.paths[:i], a.paths[i+1:])
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b acting) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.through(), b.through()))
	})
	return list
}

// follows reports whether a path is of the rule that narrows the list.
func (f *listFilter) follows(p pdp.Path) bool {
	return f.Rule == "" || p.Rule == f.Rule || p.Extension == f.Rule
}

// order is the place of the shown path's rule.
func (a *acting) order() int {
	return slices.Index(rulesOfPaths, a.paths[0].Rule) // -1 for oneself
}

// through is the party that authority reaches the subject through; 0 where it is
// held directly.
func (a *acting) through() fullmakt.PartyNo {
	if len(a.paths[0].Steps) < 2 {
		return 0
	}
	return a.last().At
}

// last is what the subject itself holds.
func (a *acting) last() *pdp.Step { return &a.paths[0].Steps[len(a.paths[0].Steps)-1] }

// goesThrough reports whether some path reaches the subject through a party.
func (a *acting) goesThrough(p fullmakt.PartyNo) bool {
	return slices.ContainsFunc(a.paths, func(path pdp.Path) bool {
		return len(path.Steps) > 1 && path.Steps[len(path.Steps)-1].At == p
	})
}

// line tells a pair that stands in a list; the far end is the subject or, forward,
// the object.
func (v *view) line(f *listFilter, a *acting, forward bool) listLine {
	l := v.lineAbout(f, a.query, forward)
	l.Uncertain = a.Uncertain
	path := v.teller().Path(a.paths[0])
	l.Hops, l.More, l.Since = v.texts.Hops(path, v.party(a.For)), len(a.paths)-1, path.Since()
	if f.Package != nil {
		l.Uses, l.Gives = a.Use.Has(f.Package.ID), a.Give.Has(f.Package.ID)
		l.Use, l.Give = v.texts.YesNo(l.Uses), v.texts.YesNo(l.Gives)
		return l
	}
	l.Uses, l.Use = v.howMuch(a.Use, a.Rights)
	l.Gives, l.Give = v.howMuch(a.Give, a.GiveRights)
	return l
}

// lineAbout begins a line with its far end and the address of the explanation.
func (v *view) lineAbout(f *listFilter, q pdp.Query, forward bool) listLine {
	subject, object := v.party(q.Subject), v.party(q.For)
	l := listLine{Party: subject, Why: v.url("/check", append([]string{"subject", partyRef(subject), "for", partyRef(object)}, f.asks()...)...)}
	if forward {
		l.Party = object
	}
	return l
}

// stoppedLine tells a near miss; false when the question is no near miss.
func (v *view) stoppedLine(f *listFilter, q pdp.Query, forward bool) (l listLine, ok bool) {
	misses := pdp.Explain(v.snap, q).NearMisses
	if len(misses) == 0 {
		return l, false
	}
	l = v.lineAbout(f, q, forward)
	miss := v.teller().NearMiss(misses[0])
	l.Hops, l.More = v.texts.Hops(miss, v.party(q.For)), len(misses)-1
	l.Reason, l.Rule, l.Stopped, l.Extended = miss.Reason, miss.Rule, v.texts.Stopped(miss), miss.Extension != ""
	return l, true
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
