package web

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

func searchRoutes() []route {
	return []route{{method: "GET", pattern: "/search", handle: search}}
}

// The number of hits of each kind that a page of hits has at first and when more of
// one kind are asked for, and of suggestions.
const (
	hitsOfEach     = 15
	hitsOfOne      = 100
	suggestionsAll = 8
)

// searchPage is what the page of hits shows.
type searchPage struct {
	searchForm
	Groups []hitGroup
	// Suggestions are the first hits of all kinds, for the list under the field.
	Suggestions []hit
	// Near tells that nobody is called what was typed, and that the hits are like it.
	Near bool
	// Percent is how much of the register could be found, below 100 while the names
	// are being indexed.
	Percent int
	// Identity tells that a number was typed that belongs in no address.
	Identity bool
	TooLong  bool
}

// searchForm is the field that both the front page and the page of hits have.
type searchForm struct {
	Text    string
	Focus   bool
	May     bool // whether the visitor may search: everybody where authentication is off, else who has signed in
	Few     bool // whether persons and users are shown only to those who may look at them
	Longest int
}

// hitGroup is the hits of one kind.
type hitGroup struct {
	Kind string // as fullmakt.PartyKind writes it
	Hits []hit
	More bool // there are more, which are on a page of their own
	Most bool // there may be more, which nothing but a longer text finds
}

// hit is a party that was found.
type hit struct {
	text.Party
	Parent text.Party // of a sub-unit its main unit, of a user its owner
	Dead   bool
}

// searchForm is the field with what was typed.
func (v *view) searchForm(text string, focus bool) searchForm {
	return searchForm{Text: text, Focus: focus, May: v.Open || v.session != nil, Few: !v.Open, Longest: node.LongestSearch}
}

// search finds parties by name or organisation number. What was typed stands in the
// address, and so it must be no identity number: the browser does not send one, and
// what comes all the same is taken out of the address.
func search(v *view) error {
	query := v.r.URL.Query()
	typed := strings.TrimSpace(query.Get("q"))
	body := searchPage{searchForm: v.searchForm(typed, typed == ""), Percent: 100, Identity: query.Get("withheld") != ""}
	if utf8.RuneCountInString(typed) > node.LongestSearch {
		body.Text, body.TooLong = "", true
		return v.showHits(body)
	}
	if typed == "" {
		return v.showHits(body)
	}
	kind := kindNamed(query.Get("kind"))
	result, err := v.find(typed, kind)
	if err != nil {
		return err
	}
	if result.IdentityNumber {
		return v.redirectTo(v.url("/search", "withheld", "1"))
	}
	if one, ok := result.Only(); ok && query.Get("all") == "" && kind == 0 && !v.suggests() {
		return v.redirect(partyPath(v.party(one.Party)))
	}
	body.take(v, result, kind)
	return v.showHits(body)
}

// take brings what was found to the page: grouped by kind, unless one kind is all
// that was asked for, with so many of each that more can be asked for.
func (p *searchPage) take(v *view, result node.SearchResult, kind fullmakt.PartyKind) {
	p.Percent = result.Names.Percent()
	p.Near = len(result.Hits) > 0 && result.Hits[0].Match == node.MatchTypos
	var groups [fullmakt.KindSystemUser + 1]hitGroup
	for _, h := range result.Hits {
		shown := hit{Party: v.party(h.Party), Dead: h.Dead}
		if h.Parent != 0 {
			shown.Parent = v.party(h.Parent)
		}
		if len(p.Suggestions) < suggestionsAll {
			p.Suggestions = append(p.Suggestions, shown)
		}
		g := &groups[h.Kind]
		if g.Kind = h.Kind.String(); kind == 0 && len(g.Hits) == hitsOfEach {
			g.More = true
			continue
		}
		g.Hits = append(g.Hits, shown)
		g.Most = len(g.Hits) == hitsOfOne
	}
	for _, g := range groups {
		if g.Hits != nil {
			p.Groups = append(p.Groups, g)
		}
	}
}

// suggests reports whether the list under the field is asked for, not a page.
func (v *view) suggests() bool { return v.r.Header.Get("HX-Target") == "suggestions" }

func (v *view) showHits(body searchPage) error {
	title := v.say("web.search.title")
	if body.Text != "" {
		title = v.say("web.search.title.for", "text", body.Text)
	}
	status := http.StatusOK
	if body.TooLong {
		status = http.StatusBadRequest
	}
	return v.write(status, "search", &page{Title: title, Menu: "/", Body: body})
}

// kindNamed is the kind that an address asks for; 0 for all.
func kindNamed(name string) fullmakt.PartyKind {
	for k := fullmakt.KindOrganisation; k <= fullmakt.KindSystemUser; k++ {
		if k.String() == name {
			return k
		}
	}
	return 0
}

// find searches for what the visitor may see: organisations, and of persons and
// users those that the visitor may look at (rule PRIV-1).
func (v *view) find(typed string, kind fullmakt.PartyKind) (node.SearchResult, error) {
	query := node.SearchQuery{Text: typed, Limit: hitsOfEach + 1} // one more, to tell that there is more
	switch {
	case kind != 0:
		query.Kinds, query.Limit = []fullmakt.PartyKind{kind}, hitsOfOne
	case v.suggests():
		query.Limit = suggestionsAll
	}
	if v.Open {
		return v.node.Search(v.r.Context(), query)
	}
	query.Limit = hitsOfOne // most of which the visitor may not look at
	result, err := v.node.Search(v.r.Context(), query)
	kept := result.Hits[:0]
	for _, h := range result.Hits {
		if h.Kind == fullmakt.KindOrganisation || v.mayLook(h.Party) {
			kept = append(kept, h)
		}
	}
	result.Hits = kept
	return result, err
}
