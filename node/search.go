package node

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// SearchQuery asks for parties by name or organisation number.
type SearchQuery struct {
	// Text is what was typed: a name or words of it, half typed or misspelt, or an
	// organisation number or its beginning. At most LongestSearch characters.
	Text string
	// Kinds are the kinds of party that are asked for; none stands for all.
	Kinds []fullmakt.PartyKind
	// Limit is how many parties of each kind are wanted: 1 to 100; 0 stands for 20.
	Limit int
}

// The bounds of a search.
const (
	LongestSearch  = 200
	mostHits       = 100
	hitsUnlessSaid = 20
)

// SearchResult is what a search found.
type SearchResult struct {
	// Hits come the best first: by Match, then those that are there before those
	// that were deleted, main units before sub-units, and those with more roles
	// first. The same search of the same register gives the same order.
	Hits []Hit
	// IdentityNumber tells that what was typed holds a number as long as an identity
	// number. Nothing was looked up: identity numbers belong in no address, and
	// nobody is found by a part of one.
	IdentityNumber bool
	// Names tells how much of the register could be found.
	Names NamesProgress
}

// Hit is a party that was found.
type Hit struct {
	Party fullmakt.PartyNo
	UUID  fullmakt.UUID
	Kind  fullmakt.PartyKind
	Name  string
	Match NameMatch

	Number    fullmakt.OrgNumber // of an organisation; of a user, its owner's
	Form      fullmakt.OrgForm
	State     fullmakt.OrgState // of a user that has ended: Deleted
	DeletedOn fullmakt.Date
	// Parent is the main unit of a sub-unit, and the owner of a user; 0 for none.
	Parent     fullmakt.PartyNo
	ParentName string

	Born      fullmakt.Date // of a person
	Uncertain bool          // a person known only by birth date and name (rule OPEN-1)
	Dead      bool
}

// Only returns the party that was named exactly: by its organisation number, or,
// once all names may be found, as the only one with that whole name.
func (r SearchResult) Only() (Hit, bool) {
	if len(r.Hits) == 0 {
		return Hit{}, false
	}
	first := r.Hits[0]
	switch {
	case first.Match == MatchNumber:
		return first, true
	case first.Match == MatchName && r.Names.Complete() && (len(r.Hits) == 1 || r.Hits[1].Match > MatchName):
		return first, true
	}
	return Hit{}, false
}

// Search finds parties by name or organisation number. It answers while the name
// index is being filled, with what is in it; SearchResult.Names tells. Names are as
// they are at the head, and what was purged is not found. Neither errors nor logs
// repeat what was typed. Errors: CodeInvalid for a text that is too long or a limit
// out of bounds.
//
// Listing what a found person holds needs a purpose (rule PRIV-1); ask for persons
// only where the one who searches may look at them.
func (n *Node) Search(ctx context.Context, query SearchQuery) (SearchResult, error) {
	var result SearchResult
	switch {
	case utf8.RuneCountInString(query.Text) > LongestSearch:
		return result, fullmakt.Errorf(fullmakt.CodeInvalid, "what is searched for is longer than %d characters", LongestSearch).
			WithHint("a few words of the name are enough")
	case query.Limit < 0 || query.Limit > mostHits:
		return result, fullmakt.Errorf(fullmakt.CodeInvalid, "search limit %d: want 1 to %d", query.Limit, mostHits)
	case query.Limit == 0:
		query.Limit = hitsUnlessSaid
	}
	if n.dir == "" { // small, and gone with the process
		if err := n.FillNames(ctx, nil); err != nil {
			return result, err
		}
	}
	s, err := n.Snapshot(ctx)
	if err != nil {
		return result, err
	}
	digits := readDigits(query.Text)
	var hits []scored
	if !digits.identity {
		if hits, err = n.searchNumber(ctx, s, query, digits); err != nil {
			return result, err
		}
	}
	byNumber := len(hits) > 0 && hits[0].match == MatchNumber
	err = n.withNames(ctx, func(db *sqlite.Names) error {
		return db.Read(ctx, func(r *sqlite.NamesReader) error {
			pos, err := r.Position()
			if err != nil || digits.identity || byNumber {
				result.Names = progressOf(pos, s)
				return err
			}
			result.Names = progressOf(pos, s)
			found, err := searchNames(s, r, query)
			hits = append(hits, found...)
			return err
		})
	})
	if err != nil {
		return SearchResult{}, err
	}
	result.IdentityNumber = digits.identity
	result.Hits, err = n.describe(ctx, s, firstOfEach(hits, query.Limit))
	return result, err
}

// asksFor reports whether a kind is asked for.
func (q SearchQuery) asksFor(k fullmakt.PartyKind) bool {
	return len(q.Kinds) == 0 || slices.Contains(q.Kinds, k)
}

// searchNumber finds organisations by the number that was typed, or its beginning.
func (n *Node) searchNumber(ctx context.Context, s *index.Snapshot, query SearchQuery, d typedDigits) (hits []scored, err error) {
	if !query.asksFor(fullmakt.KindOrganisation) {
		return nil, nil
	}
	for _, number := range d.numbers {
		if no := s.Organisation(number); no != 0 {
			hits = append(hits, score(s, no, MatchNumber))
		}
	}
	if len(hits) > 0 || d.from == 0 {
		return hits, nil
	}
	nos, err := n.store.NumberedFrom(ctx, d.from, d.to, query.Limit*nameMargin)
	for _, no := range nos {
		if s.Kind(no) == fullmakt.KindOrganisation {
			hits = append(hits, score(s, no, MatchNumberStart))
		}
	}
	return hits, err
}

// searchNames finds parties by name in the areas that are asked for.
func searchNames(s *index.Snapshot, r *sqlite.NamesReader, query SearchQuery) (hits []scored, err error) {
	typed := foldName(query.Text)
	var areas []sqlite.NameArea
	for k := fullmakt.KindOrganisation; k <= fullmakt.KindSystemUser; k++ {
		if area, ok := areaOf(k); ok && query.asksFor(k) && !slices.Contains(areas, area) {
			areas = append(areas, area)
		}
	}
	for _, area := range areas {
		q := nameSearch{
			s: s, r: r, area: area, typed: typed, limit: query.Limit, found: map[fullmakt.PartyNo]bool{},
			keep: func(no fullmakt.PartyNo) bool { return query.asksFor(s.Kind(no)) },
		}
		if err := q.run(); err != nil {
			return nil, err
		}
		hits = append(hits, q.hits...)
	}
	return hits, nil
}

// firstOfEach brings hits to order, each party once, and keeps the first of each
// kind.
func firstOfEach(hits []scored, limit int) (kept []scored) {
	slices.SortFunc(hits, compareScored)
	count := map[fullmakt.PartyKind]int{}
	seen := map[fullmakt.PartyNo]bool{}
	for _, h := range hits {
		if !seen[h.no] && count[h.kind] < limit {
			seen[h.no] = true
			count[h.kind]++
			kept = append(kept, h)
		}
	}
	return kept
}

// describe tells of each hit what a list of hits shows.
func (n *Node) describe(ctx context.Context, s *index.Snapshot, found []scored) ([]Hit, error) {
	nos := make([]fullmakt.PartyNo, len(found))
	for i, h := range found {
		nos[i] = h.no
	}
	uuids, err := n.store.UUIDs(ctx, nos)
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, len(found))
	for _, f := range found {
		uuid, ok := uuids[f.no]
		if !ok {
			continue // purged a moment ago
		}
		node, id := s.Node(f.no), s.ID(f.no)
		h := Hit{
			Party: f.no, UUID: uuid, Kind: f.kind, Name: s.Name(f.no), Match: f.match,
			Number: id.Org, Form: s.Form(f.no), State: node.State, DeletedOn: s.DeletedOn(f.no),
			Parent: node.Parent, Born: id.BirthDate(), Uncertain: id.Uncertain(), Dead: node.Flags&index.Dead != 0,
		}
		if h.Parent != 0 {
			h.ParentName = s.Name(h.Parent)
		}
		hits = append(hits, h)
	}
	return hits, nil
}

// typedDigits is what the digits of a text may mean.
type typedDigits struct {
	numbers []fullmakt.OrgNumber // whole organisation numbers
	// from and to bound the numbers that begin with what was typed, when nothing
	// else was typed; from is 0 when it is no beginning of a number.
	from, to fullmakt.OrgNumber
	identity bool // a number as long as an identity number, or nearly
}

// readDigits reads the digits of a text. Digits belong together with nothing, or
// with single blanks, dots or hyphens, between them.
func readDigits(text string) (d typedDigits) {
	runs := strings.FieldsFunc(strings.Map(keepNumbers, text), func(r rune) bool { return r == 'x' })
	for _, run := range runs {
		digits, longest := 0, 0
		for part := range strings.FieldsSeq(run) {
			digits += len(part)
			longest = max(longest, len(part))
		}
		if longest > 9 || digits == 10 || digits == 11 {
			return typedDigits{identity: true}
		}
		if number, err := fullmakt.ParseOrgNumber(run); err == nil {
			d.numbers = append(d.numbers, number)
		}
	}
	if n := countDigits(text); n > 0 && n < 9 && numberLike(strings.TrimSpace(text)) {
		from, to := 0, 0
		for _, r := range text {
			if r >= '0' && r <= '9' {
				from, to = from*10+int(r-'0'), to*10+int(r-'0')
			}
		}
		for ; n < 9; n++ {
			from, to = from*10, to*10+9
		}
		d.from, d.to = fullmakt.OrgNumber(from), fullmakt.OrgNumber(to)
	}
	return d
}

// keepNumbers leaves digits, writes what may stand between them as a blank, and x
// for all else.
func keepNumbers(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return r
	case unicode.IsSpace(r), r == '.', r == '-':
		return ' '
	}
	return 'x'
}
