package web

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// holdsPage shows what an organisation holds at others.
type holdsPage struct {
	Head    *orgHead
	Filter  listFilter
	Choices listChoices
	Search  string      // that names or numbers begin with
	Roles   []roleCount // that it is registered in elsewhere
	All     int         // that it may act for, whatever is searched for
	Lines   []listLine
	Pages   pages
	Refused []listLine
	TooMany int
	Anyway  string
}

// roleCount is a role with how often it is held.
type roleCount struct {
	Role  *text.Role
	Count int
	URL   string
}

func orgHolds(v *view) error {
	no, head, err := v.aboutOrganisation("/holds")
	if err != nil {
		return err
	}
	v.lookup.Subject, v.lookup.Object = no, 0
	body := &holdsPage{Head: head, Search: v.asked()}
	if body.Filter, err = v.listFilter(); err != nil {
		return err
	}
	f := &body.Filter
	pairs, _ := pdp.ActsFor(v.snap, no, v.at(), f.Filter, 0, math.MaxInt)
	body.All, v.lookup.Count = len(pairs), len(pairs)
	pairs = v.searched(pairs, body.Search)
	v.alphabetical(pairs)
	body.Pages = v.pagesOf(len(pairs), linesPerPage)
	list := v.actings(f, pairs[body.Pages.From:body.Pages.To])
	slices.SortStableFunc(list, func(a, b acting) int { // back to the order of names
		return cmp.Compare(indexOf(pairs, a.For), indexOf(pairs, b.For))
	})
	for i := range list {
		body.Lines = append(body.Lines, v.line(f, &list[i], true))
	}
	if !f.Hidden && body.Search == "" && body.Pages.Number == 1 {
		body.Refused, body.TooMany = v.nearMisses(f, no, true)
		body.Anyway = v.anyway(f, partyPath(head.Party)+"/holds")
	}
	body.Roles = v.rolesElsewhere(no, head)
	body.Choices = v.choices(f, no)
	return v.show("holds", &page{
		Title: v.say("web.holds.title", "name", label(v.texts, head.Party)), Crumbs: head.crumbs(v), Body: body,
		Status: v.say("web.list.found", "n", len(pairs)),
	})
}

func indexOf(pairs []pdp.Pair, object fullmakt.PartyNo) int {
	return slices.IndexFunc(pairs, func(p pdp.Pair) bool { return p.For == object })
}

// searched keeps the pairs whose object has a name with a word that begins as asked,
// or a number that does. Letter case does not matter.
func (v *view) searched(pairs []pdp.Pair, asked string) []pdp.Pair {
	if asked == "" {
		return pairs
	}
	words := strings.ToLower(asked)
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, asked)
	return slices.DeleteFunc(slices.Clone(pairs), func(p pdp.Pair) bool {
		name := strings.ToLower(v.snap.Name(p.For))
		if strings.HasPrefix(name, words) || strings.Contains(name, " "+words) {
			return false
		}
		id := v.snap.ID(p.For)
		return id.Kind != fullmakt.KindOrganisation || !strings.HasPrefix(id.Org.String(), digits)
	})
}

// alphabetical puts pairs in the order of their objects' names, and those of one
// name by number.
func (v *view) alphabetical(pairs []pdp.Pair) {
	keys := make(map[fullmakt.PartyNo]string, len(pairs))
	for _, p := range pairs {
		keys[p.For] = sortKey(v.snap.Name(p.For))
	}
	slices.SortFunc(pairs, func(a, b pdp.Pair) int {
		return cmp.Or(strings.Compare(keys[a.For], keys[b.For]), cmp.Compare(a.For, b.For))
	})
}

// sortKey turns a name into a text by which names come in the order of the Norwegian
// alphabet, which ends in æ, ø and å. Letter case does not matter. A whole collation
// would take longer than finding the parties.
func sortKey(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'æ', 'ä':
			return '{' // the three that follow z
		case 'ø', 'ö':
			return '|'
		case 'å':
			return '}'
		case 'é', 'è', 'ê':
			return 'e'
		case 'ü':
			return 'u'
		}
		return r
	}, strings.ToLower(name))
}

// rolesElsewhere counts the roles that an organisation is registered in at others,
// the most frequent first.
func (v *view) rolesElsewhere(no fullmakt.PartyNo, head *orgHead) (list []roleCount) {
	_, _, held := v.snap.Look(no)
	count := map[catalogue.RoleID]int{}
	for _, e := range held {
		if e.Role() != 0 && !e.Ended() && !e.Derived() && e.Party != no {
			count[e.Role()]++
		}
	}
	for id, n := range count {
		role := v.teller().Role(id)
		list = append(list, roleCount{role, n, v.url(partyPath(head.Party)+"/holds", "role", string(role.Code))})
	}
	slices.SortFunc(list, func(a, b roleCount) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Role.Code, b.Role.Code))
	})
	return list
}
