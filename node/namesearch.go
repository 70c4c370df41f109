package node

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// The bounds of the work for one area. The index hands out the parties that fit in
// order of rank, so that the best are among the first.
const (
	mostNameWords   = 8     // words of what is typed that the index is asked for
	nameMargin      = 4     // candidates asked for, for each hit wanted,
	leastAsked      = 60    // and at least
	askedIfDoubtful = 2_000 // where many that are handed out may not fit
	fewHits         = 5     // fewer than this, and words may be misspelt

	mostGoingWords = 64 // words of the index that a typed word may go on to,
	mostLikeWords  = 24 // or be taken for,
	mostNearWords  = 500
	soundingWords  = 50 // of so many looked at
)

// nameSearch looks for what was typed in one area of the index.
type nameSearch struct {
	s     *index.Snapshot
	r     *sqlite.NamesReader
	area  sqlite.NameArea
	typed nameText
	keep  func(fullmakt.PartyNo) bool // whether a party is asked for
	limit int
	found map[fullmakt.PartyNo]bool
	hits  []scored
}

// scored is a party that fits, with what orders it among others.
type scored struct {
	no    fullmakt.PartyNo
	match NameMatch
	cost  int
	extra int // words of the name beyond those typed, where there are typos
	gone  bool
	kind  fullmakt.PartyKind
	sub   bool
	size  int
	name  string
}

// compareScored is the order of the hits: how well the name fits; those that are
// there before those that are gone; by kind; main units before sub-units; those
// with more roles first; by name and number.
func compareScored(a, b scored) int {
	return cmp.Or(
		cmp.Compare(a.match, b.match), cmp.Compare(a.cost, b.cost), cmp.Compare(a.extra, b.extra),
		compareBool(a.gone, b.gone), cmp.Compare(a.kind, b.kind), compareBool(a.sub, b.sub), cmp.Compare(b.size, a.size),
		strings.Compare(a.name, b.name), cmp.Compare(a.no, b.no),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// run asks the index first for all names in which each word stands, whole or
// going on. When there are more than were asked for, the best may not be among the
// first of them, and stricter questions follow. When there are few, some words may
// be misspelt.
func (q *nameSearch) run() error {
	core := firstDistinct(q.typed.coreWords(), mostNameWords)
	if len(core) == 0 {
		return nil
	}
	ask := max(q.limit*nameMargin, leastAsked)
	if beginsAnother(core) {
		ask = askedIfDoubtful
	}
	goOn := make(sqlite.NameMatch, len(core))
	whole := make(sqlite.NameMatch, len(core))
	for i, w := range core {
		group, err := q.going(w)
		if err != nil {
			return err
		}
		goOn[i], whole[i] = group, []sqlite.NameTerm{{Word: w}}
	}
	found, err := q.ask(goOn, ask)
	if err != nil {
		return err
	}
	if found == ask { // and maybe more
		return q.runStrict(whole, goOn, ask)
	}
	if len(q.hits) < fewHits {
		return q.runTypos(core, ask)
	}
	return nil
}

// beginsAnother reports whether one word is the beginning of another. The index
// then hands out names that hold only the longer one, as both.
func beginsAnother(words []string) bool {
	for i, w := range words {
		for j, other := range words {
			if i != j && strings.HasPrefix(other, w) {
				return true
			}
		}
	}
	return false
}

// runStrict asks from the strictest question on, until so many parties were found
// that no later question could put a better one among them.
func (q *nameSearch) runStrict(whole, goOn sqlite.NameMatch, ask int) error {
	nos, err := q.r.Whole(q.area, hashOf(q.typed.whole()), ask)
	if err != nil {
		return err
	}
	q.take(nos)
	last := len(whole) - 1
	for _, step := range []struct {
		brings NameMatch // the best that it brings beyond what the steps before did
		match  sqlite.NameMatch
	}{
		{MatchStart, beginningWith(whole)},
		{MatchBeginning, beginningWith(slices.Concat(whole[:last], goOn[last:]))},
		{MatchWords, whole},
	} {
		if q.enough(step.brings) {
			return nil
		}
		if _, err := q.ask(step.match, ask); err != nil {
			return err
		}
	}
	return nil
}

// beginningWith is a match whose first word must begin the name.
func beginningWith(match sqlite.NameMatch) sqlite.NameMatch {
	first := slices.Clone(match[0])
	for i := range first {
		first[i].First = true
	}
	return slices.Concat(sqlite.NameMatch{first}, match[1:])
}

// going is a word that may go on. The index finds short beginnings by themselves;
// of longer ones it would gather all parties before the first is handed out, so
// that it is asked for the words that begin so, the most used ones.
func (q *nameSearch) going(w string) ([]sqlite.NameTerm, error) {
	if len(w) <= sqlite.NamePrefix {
		return []sqlite.NameTerm{{Word: w, Prefix: true}}, nil
	}
	words, err := q.r.Beginning(w, mostGoingWords)
	if err != nil || len(words) == 0 {
		return []sqlite.NameTerm{{Word: w}}, err
	}
	group := make([]sqlite.NameTerm, len(words))
	for i, word := range words {
		group[i].Word = word.Text
	}
	return group, nil
}

// runTypos asks for words that may be meant by those that were typed, and for
// neighbours as one word.
func (q *nameSearch) runTypos(core []string, ask int) error {
	groups := make(sqlite.NameMatch, len(core))
	for i, w := range core {
		group, err := q.meant(w)
		if err != nil {
			return err
		}
		groups[i] = group
	}
	if _, err := q.ask(groups, ask); err != nil {
		return err
	}
	for i := range len(core) - 1 {
		group, err := q.going(core[i] + core[i+1])
		if err != nil {
			return err
		}
		if _, err := q.ask(slices.Concat(groups[:i], sqlite.NameMatch{group}, groups[i+2:]), ask); err != nil {
			return err
		}
	}
	return nil
}

// meant lists what a typed word may stand for: itself, going on, and the words of
// the index that are near it, the nearest and most used first.
func (q *nameSearch) meant(w string) ([]sqlite.NameTerm, error) {
	group, err := q.going(w)
	s := sound(w)
	if err != nil || len(s) < 2 {
		return group, err
	}
	goesOn, allowed := len(s) >= leastTypoLetters, typosAllowed(s)
	words, err := q.r.Sounding(s, goesOn, soundingWords)
	if err != nil {
		return nil, err
	}
	if allowed > 0 {
		near, err := q.r.Near(nearHashes(s), mostNearWords)
		if err != nil {
			return nil, err
		}
		words = append(words, near...)
	}
	type candidate struct {
		sqlite.NameWord
		typos int
	}
	var like []candidate
	seen := map[string]bool{}
	for _, word := range words {
		if seen[word.Text] || strings.HasPrefix(word.Text, w) {
			continue
		}
		seen[word.Text] = true
		if n := typos(s, sound(word.Text), goesOn, allowed); n <= allowed {
			like = append(like, candidate{word, n})
		}
	}
	slices.SortFunc(like, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.typos, b.typos), cmp.Compare(b.Uses, a.Uses), strings.Compare(a.Text, b.Text))
	})
	for _, c := range like[:min(len(like), mostLikeWords)] {
		group = append(group, sqlite.NameTerm{Word: c.Text})
	}
	return group, nil
}

// ask takes what matches, and returns how many parties that were.
func (q *nameSearch) ask(match sqlite.NameMatch, limit int) (int, error) {
	nos, err := q.r.Matching(q.area, match, limit)
	q.take(nos)
	return len(nos), err
}

// take judges parties by their names as they are now: one that was named anew or
// purged since it was indexed is no hit.
func (q *nameSearch) take(nos []fullmakt.PartyNo) {
	for _, no := range nos {
		if q.found[no] {
			continue
		}
		q.found[no] = true
		if !q.keep(no) {
			continue
		}
		if h, ok := judge(q.s, no, q.typed); ok {
			q.hits = append(q.hits, h)
		}
	}
}

// judge tells how a party fits what was typed.
func judge(s *index.Snapshot, no fullmakt.PartyNo, typed nameText) (scored, bool) {
	name := foldName(s.Name(no))
	m, cost := fit(typed, name)
	if m == noMatch {
		return scored{}, false
	}
	h := score(s, no, m)
	h.cost, h.name = cost, strings.Join(name.words, " ")
	if m == MatchTypos {
		h.extra = max(0, name.core-typed.core)
	}
	return h, true
}

// score is a party with what orders it among others that fit as well.
func score(s *index.Snapshot, no fullmakt.PartyNo, m NameMatch) scored {
	n, holders, held := s.Look(no)
	return scored{
		no: no, match: m, kind: n.Kind,
		gone: n.State&fullmakt.Deleted != 0 || n.Flags&index.Dead != 0,
		sub:  n.Kind == fullmakt.KindOrganisation && n.Parent != 0,
		size: len(holders) + len(held),
	}
}

// enough reports whether there are as many hits as wanted that are better than
// what is still to come.
func (q *nameSearch) enough(coming NameMatch) bool {
	n := 0
	for _, h := range q.hits {
		if h.match < coming {
			n++
		}
	}
	return n >= q.limit
}

// firstDistinct returns the first words, at most limit, each once.
func firstDistinct(words []string, limit int) (distinct []string) {
	for _, w := range words {
		if len(distinct) < limit && !slices.Contains(distinct, w) {
			distinct = append(distinct, w)
		}
	}
	return distinct
}
