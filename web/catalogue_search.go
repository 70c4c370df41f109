package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// catalogueFound is what a search of the catalogue found, the best first.
type catalogueFound struct {
	Packages []foundPackage
	Roles    []catalogue.RoleRow
	Areas    []catalogue.AreaRow
	// OldWord is a word of the search that packages were called by before; it is
	// taken for what it means now.
	OldWord string
	All     bool // nothing was left to look for, so every package is there
}

// Count is how much was found.
func (f catalogueFound) Count() int { return len(f.Packages) + len(f.Roles) + len(f.Areas) }

// foundPackage is a package with its area.
type foundPackage struct {
	catalogue.PackageRef
	Texts     catalogue.Names
	Area      string
	AreaNames catalogue.Names
	rank      int
}

// oldWords and newWords are how what access packages were called, and are called,
// begins. Such a word tells what is looked for and not which one.
var (
	oldWords = []string{"fullmaktsgruppe", "tilgangsgruppe", "accessgroup"}
	newWords = []string{"tilgangspakk", "accesspackage"}
)

// withoutPackageWords takes the words for a package out of a search, in whatever
// inflection, and returns the old one that was used.
func withoutPackageWords(query string) (rest, old string) {
	query = strings.NewReplacer("access group", "accessgroup", "access package", "accesspackage").Replace(query)
	begins := func(word string, stems []string) bool {
		return slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(word, stem) }) && !strings.ContainsAny(word, ":-")
	}
	var kept []string
	for word := range strings.FieldsSeq(query) {
		switch {
		case begins(word, oldWords):
			old = word
		case !begins(word, newWords):
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " "), old
}

// searchCatalogue finds the entries that hold every word of a search, in any
// language: in a name, a code or a text; and the entry that the whole search is a
// name of, as its URN.
func (v *view) searchCatalogue(query string, kind fullmakt.PartyKind) (found catalogueFound) {
	rest, old := withoutPackageWords(strings.ToLower(query))
	found.OldWord = old
	words := strings.Fields(rest)
	found.All = len(words) == 0
	other := func(of fullmakt.PartyKind) bool { return kind != fullmakt.KindUnknown && kind != of }
	cat := v.node.Catalogue()
	now := cat.At(v.at())
	named, _ := cat.PackageID(rest)
	for id := range now.Valid().All() {
		p := now.Package(id)
		if other(p.EntityType) {
			continue
		}
		area, _ := cat.FindArea(p.Area)
		rank, ok := match(words, append([]string{p.Code}, p.Aliases...), p.Names, area.Names, p.Texts)
		if ok || id == named {
			ref := catalogue.PackageRef{Code: p.Code, URN: p.URN, Names: p.Names}
			found.Packages = append(found.Packages, foundPackage{ref, p.Texts, p.Area, area.Names, rank})
		}
	}
	slices.SortStableFunc(found.Packages, func(a, b foundPackage) int { return cmp.Compare(a.rank, b.rank) })
	if found.All { // packages is what was asked for
		return found
	}
	role, isRole := cat.FindRole(rest)
	ranks := map[string]int{}
	for _, row := range cat.ListRoles(v.at()).Roles {
		r, _ := cat.FindRole(row.URN)
		if other(r.EntityType) {
			continue
		}
		rank, ok := match(words, append([]string{string(r.Code), r.AltinnCode}, r.Aliases...), r.Names)
		if ok || isRole && r.ID == role.ID {
			ranks[row.URN] = rank
			found.Roles = append(found.Roles, row)
		}
	}
	slices.SortStableFunc(found.Roles, func(a, b catalogue.RoleRow) int { return cmp.Compare(ranks[a.URN], ranks[b.URN]) })
	area, isArea := cat.FindArea(rest)
	for _, a := range cat.ListAreas(v.at()).Areas {
		if _, ok := match(words, []string{a.Code}, a.Names); !other(a.EntityType) && (ok || isArea && a.Code == area.Code) {
			found.Areas = append(found.Areas, a)
		}
	}
	return found
}

// match reports whether every word stands in one of some codes, names or texts,
// and ranks by the worst of the words: 0 a whole code, 1 a part of one or of the
// first names, then the names and texts that follow.
func match(words, codes []string, names ...catalogue.Names) (worst int, ok bool) {
	for _, word := range words {
		rank := -1
		better := func(r int) {
			if rank < 0 || r < rank {
				rank = r
			}
		}
		for _, code := range codes {
			switch code = strings.ToLower(code); {
			case code == word:
				better(0)
			case strings.Contains(code, word):
				better(1)
			}
		}
		for i, n := range names {
			for _, text := range []string{n.NB, n.NN, n.EN} {
				if strings.Contains(strings.ToLower(text), word) {
					better(i + 1)
				}
			}
		}
		if rank < 0 {
			return 0, false
		}
		worst = max(worst, rank)
	}
	return worst, true
}
