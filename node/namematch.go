package node

import (
	"cmp"
	"slices"
	"strings"
)

// NameMatch tells how a party fits what was typed: the lower, the better.
type NameMatch uint8

// How a party may fit.
const (
	MatchNumber      NameMatch = iota // its organisation number was typed
	MatchName                         // its whole name was typed
	MatchCore                         // its whole name, but for the form of organisation (AS, ANS, …)
	MatchStart                        // its name begins with what was typed
	MatchBeginning                    // the same, but the last word goes on
	MatchNumberStart                  // its organisation number begins with what was typed
	MatchWords                        // each word that was typed stands in its name
	MatchPrefixes                     // each word that was typed begins a word of its name
	MatchTypos                        // the same, with words that were misspelt or parted otherwise
	noMatch
)

var matchNames = [...]string{"number", "name", "name_without_form", "start", "beginning", "number_start", "words", "prefixes", "typos"}

// String returns the match as JSON answers write it.
func (m NameMatch) String() string {
	if int(m) < len(matchNames) {
		return matchNames[m]
	}
	return "none"
}

// MarshalText writes the match as String does.
func (m NameMatch) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// fit tells how a name fits what was typed. What is typed of the form of
// organisation weighs nothing, unless nothing else was typed. For names that fit
// with typos, cost is lower the less was wrong.
func fit(typed, name nameText) (m NameMatch, cost int) {
	core := typed.coreWords()
	if len(core) == 0 || len(name.words) == 0 {
		return noMatch, 0
	}
	whole := typed.whole()
	switch {
	case strings.Join(typed.words, "") == strings.Join(name.words, ""):
		return MatchName, 0
	case whole == name.whole():
		return MatchCore, 0
	}
	if rest, ok := strings.CutPrefix(strings.Join(name.words, " "), strings.Join(core, " ")); ok {
		if rest == "" || rest[0] == ' ' {
			return MatchStart, 0
		}
		return MatchBeginning, 0
	}
	costs := place(core, name, false)
	switch worst := slices.Max(costs); {
	case slices.Min(costs) < 0:
		return fitTypos(typed, name)
	case worst == 0:
		return MatchWords, 0
	}
	return MatchPrefixes, 0
}

// The costs of what is wrong in a word, or between words. A word that goes on
// costs a little, so that the whole one comes first.
const (
	costGoesOn = 1
	costSound  = 2
	costTypo   = 4
	costParted = 2
)

// fitTypos tells how a name fits when words may be misspelt, or neighbours be one
// word.
func fitTypos(typed, name nameText) (NameMatch, int) {
	if whole := typed.whole(); len(whole) >= leastTypoLetters && strings.HasPrefix(name.whole(), whole) {
		return MatchTypos, costParted
	}
	core := typed.coreWords()
	best := total(place(core, name, true))
	// Two neighbours that are one word in the name.
	for i := range len(core) - 1 {
		joined := slices.Concat(core[:i], []string{core[i] + core[i+1]}, core[i+2:])
		if n := total(place(joined, name, false)); n >= 0 && (best < 0 || n+costParted < best) {
			best = n + costParted
		}
	}
	if best < 0 {
		return noMatch, 0
	}
	return MatchTypos, best
}

// total is the sum of costs, or -1 when one of them is.
func total(costs []int) (sum int) {
	for _, c := range costs {
		if c < 0 {
			return -1
		}
		sum += c
	}
	return sum
}

// place finds for each typed word a word of the name that no other typed word has
// taken, whole ones first and then for the longest typed word first, and returns
// what each costs: 0 for the whole word, costGoesOn for its beginning, more for a
// misspelt one if that is allowed, -1 for none.
func place(typed []string, name nameText, misspelt bool) []int {
	costs := make([]int, len(typed))
	taken := make([]bool, len(name.words))
	var rest []int
	for i, w := range typed {
		if j := free(name.words, taken, w); j >= 0 {
			taken[j] = true
		} else {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(rest, func(i, j int) int { return cmp.Compare(len(typed[j]), len(typed[i])) })
	for _, i := range rest {
		best, at := -1, -1
		for j, have := range name.words {
			if taken[j] {
				continue
			}
			if c := wordCost(typed[i], have, misspelt); c >= 0 && (best < 0 || c < best) {
				best, at = c, j
			}
		}
		for _, have := range name.joined {
			if c := wordCost(typed[i], have, misspelt); c >= 0 && (best < 0 || c < best) {
				best, at = c, -1
			}
		}
		if costs[i] = best; at >= 0 {
			taken[at] = true
		}
	}
	return costs
}

// free is where a word stands that is not taken, or -1.
func free(words []string, taken []bool, w string) int {
	for j, have := range words {
		if have == w && !taken[j] {
			return j
		}
	}
	return -1
}

// wordCost is what a word of a name costs for a typed one, or -1 when it is not
// near.
func wordCost(typed, have string, misspelt bool) int {
	switch {
	case typed == have:
		return 0
	case strings.HasPrefix(have, typed):
		return costGoesOn
	case !misspelt:
		return -1
	}
	a, b := sound(typed), sound(have)
	allowed := typosAllowed(a)
	n := typos(a, b, len(a) >= leastTypoLetters, allowed)
	if n > allowed {
		return -1
	}
	cost := n * costTypo
	if n == 0 {
		cost = costSound
	}
	if typos(a, b, false, n) > n {
		cost += costGoesOn
	}
	return cost
}
