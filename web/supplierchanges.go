package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// addSupplierPage asks for the number of a supplier.
type addSupplierPage struct {
	Head   *orgHead
	Action string
	Number string
	Error  string
}

// addSupplier asks which organisation, then shows its name and asks to confirm, and
// then adds it.
func addSupplier(v *view) error {
	no, head, err := v.scopeOrganisation()
	if err != nil {
		return err
	}
	path := partyPath(head.Party) + partSuppliers
	title := v.say("web.suppliers.add.title")
	crumbs := append(head.crumbs(v), crumb{path, v.say(giver.key("title"))})
	form := &addSupplierPage{Head: head, Action: v.url(path + "/add"), Number: strings.TrimSpace(v.value("supplier"))}
	other := v.byRef(form.Number)
	switch {
	case !v.has("supplier"):
		return v.show("supplieradd", &page{Title: title, Crumbs: crumbs, Body: form})
	case other == 0 || v.snap.Kind(other) != fullmakt.KindOrganisation:
		form.Error = v.numberError(form.Number)
		return v.write(http.StatusUnprocessableEntity, "supplieradd", &page{Title: title, Crumbs: crumbs, Body: form})
	}
	v.lookup.Subject = other
	name := v.party(other)
	return v.ask(&question{
		Title: v.say("web.suppliers.add.confirm", "name", label(v.texts, name)),
		Lead:  v.say("web.suppliers.add.is", "number", grouped(name), "name", label(v.texts, name), "form", string(name.Form)),
		Back:  path + "/" + name.ID, Crumbs: crumbs, Button: v.say("web.suppliers.add.button"),
		Done:   v.say("web.suppliers.add.done", "name", label(v.texts, name)),
		Fields: []field{{"supplier", name.ID}}, note: "add a supplier", rule: fullmakt.RuleScope1,
		command: func(a *delegation.Acting) (*delegation.Outcome, error) {
			return a.AddSupplier(delegation.AddSupplier{From: no, To: other})
		},
	})
}

// numberError tells why a number names no organisation.
func (v *view) numberError(number string) string {
	n, err := fullmakt.ParseOrgNumber(strings.Join(strings.Fields(number), ""))
	switch {
	case number == "":
		return v.say("web.number.missing")
	case err != nil:
		return v.say("web.number.wrong")
	}
	return v.say("web.number.unknown", "number", n.Grouped())
}

// schemesPage lets one choose a scheme to give.
type schemesPage struct {
	Head   *orgHead
	Other  otherShown
	Action string
	Asked  string // what was searched for
	List   []schemeChoice
}

// schemeChoice is a scheme that may be given, or the reason why not.
type schemeChoice struct {
	ID, Title, About, Owner string
	Scopes                  []string
	Basis                   string
	Given                   bool // already
	Give                    button
}

// betweenScopes reads both organisations of an address about a supplier.
func (v *view) betweenScopes(side scopeSide) (no, other fullmakt.PartyNo, head *orgHead, path string, err error) {
	if no, head, err = v.scopeOrganisation(); err != nil {
		return 0, 0, nil, "", err
	}
	if other, err = v.otherOrganisation(); err != nil {
		return 0, 0, nil, "", err
	}
	v.lookup.Subject = other
	return no, other, head, partyPath(head.Party) + side.part() + "/" + v.party(other).ID, nil
}

// scopeCrumbs lead to the page about one organisation on the other side.
func (v *view) scopeCrumbs(head *orgHead, side scopeSide, other fullmakt.PartyNo, path string) []crumb {
	return append(head.crumbs(v), crumb{partyPath(head.Party) + side.part(), v.say(side.key("title"))}, crumb{path, v.label(other)})
}

// chooseScheme lists the schemes that match a search.
func chooseScheme(v *view) error {
	no, other, head, path, err := v.betweenScopes(giver)
	if err != nil {
		return err
	}
	p := &schemesPage{Head: head, Other: v.otherShown(giver, no, other), Action: v.url(path + "/give"), Asked: v.asked()}
	for _, scheme := range v.node.Registry(v.snap).Schemes() {
		one := schemeChoice{
			ID: scheme.ID, Title: v.title(scheme.Resource, scheme.ID), About: scheme.Resource.Description.In(string(v.lang)),
			Owner: scheme.Owner.Name.In(string(v.lang)), Scopes: scheme.Scopes,
		}
		if !matches(p.Asked, append(slices.Clone(scheme.Scopes), one.ID, one.Title, one.About, one.Owner)...) {
			continue
		}
		_, one.Given = v.snap.ScopeGrant(no, other, scheme.ID)
		one.Give = button{URL: v.url(path + "/give/" + scheme.ID), Label: v.say("web.suppliers.give"), Of: one.Title, ID: "why-" + scheme.ID, Main: true}
		if one.Given {
			one.Give.Label, one.Give.Main = v.say("web.suppliers.change"), false
		}
		asked := delegation.SchemeOf(v.snap, scheme)
		switch _, reason := v.acting(v.snap).CheckScheme(no, asked); {
		case no == other:
			one.Give.Why = v.whyNot(fullmakt.ReasonToItself, fullmakt.RuleScope1)
		case reason == "":
			one.Basis = v.schemeBasis(v.person(), no, asked)
		default:
			one.Give.Why = v.whyNot(reason, fullmakt.RuleScope1)
		}
		p.List = append(p.List, one)
	}
	return v.show("schemes", &page{Title: v.say("web.suppliers.choose", "name", v.label(other)), Crumbs: v.scopeCrumbs(head, giver, other, path), Body: p,
		Status: v.say("web.suppliers.found", "n", len(p.List))})
}

// matches reports whether any text has all words of a search in it.
func matches(asked string, texts ...string) bool {
	all := fullmakt.FoldName(strings.Join(texts, " "))
	for _, word := range strings.Fields(fullmakt.FoldName(asked)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// mostAsked bounds the letters of a search.
const mostAsked = 100

// clipped is a search as it is looked for and shown again.
func clipped(s string) string {
	if runes := []rune(strings.TrimSpace(s)); len(runes) > mostAsked {
		return string(runes[:mostAsked])
	}
	return strings.TrimSpace(s)
}

// giveScheme asks until when, and gives a supplier the scopes of a scheme. A scheme
// that is given already gets the new last day.
func giveScheme(v *view) error {
	no, other, head, path, err := v.betweenScopes(giver)
	if err != nil {
		return err
	}
	scheme, ok := v.node.Registry(v.snap).Scheme(v.r.PathValue("scheme"))
	if !ok {
		return problem(http.StatusNotFound, "no-scheme")
	}
	title, name := v.title(scheme.Resource, scheme.ID), v.label(other)
	v.lookup.What = scheme.ID
	until, valid := v.until()
	if have, given := v.snap.ScopeGrant(no, other, scheme.ID); given && v.r.Method == http.MethodGet && have.Valid.To != 0 {
		until.Value, valid = v.date(have.Valid.To-1).String(), have.Valid
	}
	asked := delegation.SchemeOf(v.snap, scheme)
	lead := ""
	if basis := v.schemeBasis(v.person(), no, asked); basis != "" {
		lead = v.say("web.suppliers.basis", "from", label(v.texts, head.Party), "basis", basis)
	}
	return v.ask(&question{
		Title: v.say("web.suppliers.give.title", "name", name, "title", title), Lead: lead,
		Back: path, Crumbs: v.scopeCrumbs(head, giver, other, path), Button: v.say("web.suppliers.give"), Until: until,
		Done: v.say("web.suppliers.give.done", "name", name, "title", title), Items: []string{title}, note: "give scopes of " + scheme.ID, rule: fullmakt.RuleScope1,
		command: func(a *delegation.Acting) (*delegation.Outcome, error) {
			now, ok := v.schemes(a.Snapshot)(scheme.ID)
			if !ok {
				return nil, problem(http.StatusNotFound, "no-scheme")
			}
			return a.GiveScopes(delegation.GiveScopes{From: no, To: other, Schemes: []delegation.Scheme{now}, Valid: valid})
		},
	})
}

// endScopes takes back the scopes of a scheme, or everything between two
// organisations; or gives them up, on the supplier's side.
func endScopes(side scopeSide) func(*view) error {
	return func(v *view) error {
		no, other, head, path, err := v.betweenScopes(side)
		if err != nil {
			return err
		}
		from, to := side.ends(no, other)
		id := v.value("scheme")
		q := &question{Danger: true, Crumbs: v.scopeCrumbs(head, side, other, path), Back: path, note: "end scopes", rule: fullmakt.RuleScope1}
		key := side.key("end")
		if id == "" {
			q.Title, q.Button, q.Done = v.say(key+"-all.title", "name", v.label(other)), v.say(key+"-all.button"), v.say(key+"-all.done", "name", v.label(other))
			q.Back = partyPath(head.Party) + side.part()
			q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
				return a.RemoveSupplier(delegation.RemoveSupplier{From: from, To: to, Cascade: true, BySupplier: side == supplier})
			}
			return v.ask(q)
		}
		title := id // a scheme that has left the registry can still be taken back
		if scheme, ok := v.node.Registry(v.snap).Scheme(id); ok {
			title = v.title(scheme.Resource, id)
		} else if _, given := v.snap.ScopeGrant(from, to, id); !given {
			return problem(http.StatusNotFound, "no-scheme")
		}
		v.lookup.What = id
		q.Title, q.Button, q.Done = v.say(key+".title", "name", v.label(other), "title", title), v.say(key+".button"), v.say(key+".done", "name", v.label(other), "title", title)
		q.Fields, q.Items = []field{{"scheme", id}}, []string{title}
		q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
			end := a.RevokeScopes
			if side == supplier {
				end = a.RenounceScopes
			}
			return end(delegation.RevokeScopes{From: from, To: to, Schemes: []string{id}})
		}
		return v.ask(q)
	}
}
