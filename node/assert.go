package node

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/world"
)

// Result is how one question of a world was answered.
type Result struct {
	Question world.Question
	Failures []string // what differs from the expected answer; none when it passed
	// Explanation is the answer to a check.
	Explanation pdp.Explanation
	// Listed is the answer to a list: the parties, in the order of their numbers.
	Listed []fullmakt.PartyNo
	// Explain holds the questions whose explanation shows why the result is what
	// it is: of a check itself, of a list one for each party too many or missing.
	Explain []pdp.Query
}

// Pass reports whether the answer was the expected one.
func (r Result) Pass() bool { return len(r.Failures) == 0 }

// Assert asks a snapshot all questions of a world, in the file's order, and
// compares the answers with those the file expects. The snapshot must hold the
// world's parties. Questions that name no time are asked at the given one.
//
// A world has no history: its register holds at any time asked about, and only
// grants, keys, the two years of rule ENK and the catalogue look at the time.
func Assert(s *index.Snapshot, w *world.World, at time.Time) []Result {
	numbers := numbersOf(s)
	results := make([]Result, 0, len(w.Questions))
	for _, q := range w.Questions {
		results = append(results, askOne(s, numbers, q, at))
	}
	return results
}

// numbersOf gives the number of every party of a (small) snapshot. Its own
// Lookup finds only parties with an identity number.
func numbersOf(s *index.Snapshot) map[fullmakt.PartyID]fullmakt.PartyNo {
	numbers := make(map[fullmakt.PartyID]fullmakt.PartyNo)
	for no := fullmakt.PartyNo(1); no <= s.Last(); no++ {
		if id := s.ID(no); id.Kind != fullmakt.KindUnknown {
			numbers[id] = no
		}
	}
	return numbers
}

func askOne(s *index.Snapshot, numbers map[fullmakt.PartyID]fullmakt.PartyNo, q world.Question, at time.Time) Result {
	r := Result{Question: q}
	query := pdp.Ask(numbers[q.Subject], numbers[q.For], cmp.Or(q.At, at.Unix()))
	if q.Package != "" {
		p, ok := s.Catalogue().PackageID(q.Package)
		if !ok {
			r.failf("the catalogue has no package %s", q.Package)
			return r
		}
		query.Package = p
	}
	if q.Role != "" {
		if query.Role = s.RoleID(q.Role); query.Role == 0 {
			r.failf("no role %s is known", q.Role)
			return r
		}
	}
	if q.Right != "" {
		query.Right = cmp.Or(s.Right(q.Resource, q.Right), pdp.UnknownRight)
	}
	if q.Kind == world.Check {
		r.check(s, query)
	} else {
		r.list(s, numbers, query)
	}
	return r
}

func (r *Result) failf(format string, args ...any) {
	r.Failures = append(r.Failures, fmt.Sprintf(format, args...))
}

// check compares what the expected answer states.
func (r *Result) check(s *index.Snapshot, q pdp.Query) {
	want := r.Question.Want
	x := pdp.Explain(s, q)
	r.Explanation = x
	r.Explain = []pdp.Query{q}
	if x.Allowed != want.Allowed {
		r.failf("answered %s (%s), expected %s", yesNo(x.Allowed), x.Reason, yesNo(want.Allowed))
	}
	if want.Reason != "" && x.Reason != want.Reason {
		r.failf("the reason is %s, expected %s", x.Reason, want.Reason)
	}
	r.expect(want.Give, x.MayGive, "may give", "may not give")
	r.expect(want.Uncertain, x.Uncertain, "uncertain", "certain")
	if want.GiveRule != "" && x.GiveRule != want.GiveRule {
		r.failf("may give by %s, expected by %s", cmp.Or(x.GiveRule, "no rule"), want.GiveRule)
	}
	if want.GiveReason != "" && x.GiveReason != want.GiveReason {
		r.failf("may not give for %s, expected for %s", cmp.Or(x.GiveReason, "no reason"), want.GiveReason)
	}
	if want.State != "" && x.State.String() != want.State {
		r.failf("the state is %s, expected %s", x.State, want.State)
	}
	if want.HasPaths {
		r.compare("paths", pathKinds(x.Paths), kindNames(want.Paths))
	}
	if want.HasMisses {
		r.compare("near misses", missReasons(x.NearMisses), reasonNames(want.Misses))
	}
}

func (r *Result) expect(want world.Expectation, got bool, yes, no string) {
	if want == world.Yes && !got {
		r.failf("%s, expected %s", no, yes)
	}
	if want == world.No && got {
		r.failf("%s, expected %s", yes, no)
	}
}

// compare compares two collections in which order does not matter.
func (r *Result) compare(what string, got, want []string) {
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.failf("the %s are %s, expected %s", what, orNone(got), orNone(want))
	}
}

// list compares the whole list, asked page by page, with the expected parties.
func (r *Result) list(s *index.Snapshot, numbers map[fullmakt.PartyID]fullmakt.PartyNo, q pdp.Query) {
	const pageSize = 500
	f := pdp.Filter{Package: q.Package, Right: q.Right, Role: q.Role, Rule: r.Question.Rule, BusinessOnly: r.Question.BusinessOnly}
	byPage, of, other := pdp.ActsFor, q.Subject, func(p pdp.Pair) fullmakt.PartyNo { return p.For }
	if r.Question.Kind == world.ListFor {
		byPage, of, other = pdp.WhoActsFor, q.For, func(p pdp.Pair) fullmakt.PartyNo { return p.Subject }
	}
	for after := fullmakt.PartyNo(0); ; {
		pairs, next := byPage(s, of, q.At, f, after, pageSize)
		for _, p := range pairs {
			r.Listed = append(r.Listed, other(p))
		}
		if after = next; next == 0 {
			break
		}
	}
	want := make([]fullmakt.PartyNo, 0, len(r.Question.WantParties))
	for _, id := range r.Question.WantParties {
		want = append(want, numbers[id])
	}
	r.differ(s, q, "the list holds %s, which is not expected", r.Listed, want)
	r.differ(s, q, "the list lacks %s, which is expected", want, r.Listed)
}

// differ fails the list for every party of one that the other does not hold.
func (r *Result) differ(s *index.Snapshot, q pdp.Query, message string, of, without []fullmakt.PartyNo) {
	for _, no := range of {
		if slices.Contains(without, no) {
			continue
		}
		r.failf(message, s.Name(no))
		pair := q
		if r.Question.Kind == world.ListFor {
			pair.Subject = no
		} else {
			pair.For = no
		}
		r.Explain = append(r.Explain, pair)
	}
}

func pathKinds(paths []pdp.Path) (names []string) {
	for _, p := range paths {
		names = append(names, world.PathKind{Base: p.Rule, Extension: p.Extension}.String())
	}
	return names
}

func kindNames(kinds []world.PathKind) (names []string) {
	for _, k := range kinds {
		names = append(names, k.String())
	}
	return names
}

// missReasons returns the reasons of the near misses, each once.
func missReasons(misses []pdp.NearMiss) (names []string) {
	for _, m := range misses {
		if !slices.Contains(names, string(m.Reason)) {
			names = append(names, string(m.Reason))
		}
	}
	return names
}

func reasonNames(reasons []fullmakt.Reason) (names []string) {
	for _, r := range reasons {
		names = append(names, string(r))
	}
	return names
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " ")
}
