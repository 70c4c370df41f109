package xacml

import "unicode/utf8"

// The functions that compare two strings, whose matches against constants are
// compiled into look-ups.
const (
	functionStringEqual           = function1 + "string-equal"
	functionStringEqualIgnoreCase = function3 + "string-equal-ignore-case"
	functionAnyURIEqual           = function1 + "anyURI-equal"
)

// constants are the constants that a source is compared with for equality. Each
// belongs to groups; a group holds when a value of the source equals one of its
// constants. So one look-up for each value answers every such match of a
// document. None of these comparisons can fail.
type constants struct {
	exact  map[string][]int
	folded map[string][]int // of comparisons that ignore case, in lower case
}

// mark sets the bit of each group that holds.
func (q *constants) mark(values []Value, hits []uint64) {
	if q.exact == nil && q.folded == nil {
		return
	}
	for _, v := range values {
		s := v.String()
		for _, g := range q.exact[s] {
			hits[g/64] |= 1 << (g % 64)
		}
		for _, g := range q.ignoringCase(s) {
			hits[g/64] |= 1 << (g % 64)
		}
	}
}

// ignoringCase returns the groups that a string is a constant of when case is
// ignored. It is lowerCase without an allocation for short ASCII, which role codes
// are.
func (q *constants) ignoringCase(s string) []int {
	var short [64]byte
	if len(q.folded) == 0 {
		return nil
	}
	if len(s) > len(short) {
		return q.folded[lowerCase(s)]
	}
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return q.folded[lowerCase(s)]
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		short[i] = c
	}
	return q.folded[string(short[:len(s)])]
}

// add puts the constant of a match into a group.
func (q *constants) add(m *Match, group int) {
	table, key := &q.exact, m.Value.String()
	if m.Function == functionStringEqualIgnoreCase {
		table, key = &q.folded, lowerCase(key)
	}
	if *table == nil {
		*table = map[string][]int{}
	}
	(*table)[key] = append((*table)[key], group)
}

// compares tells whether a match is one that constants answer.
func (m *Match) compares() bool {
	switch m.Function {
	case functionStringEqual, functionStringEqualIgnoreCase, functionAnyURIEqual:
		return true
	}
	return false
}

// groupTest asks whether an attribute has one of the constants of a group.
type groupTest struct {
	from  *attribute
	group int
}

func (g groupTest) match(ev *evaluation) (matching, *Error) {
	if _, err := g.from.values(ev); err != nil {
		return matchFailed, asError(err)
	}
	if ev.frame.hits[g.group/64]&(1<<(g.group%64)) != 0 {
		return matched, nil
	}
	return noMatch, nil
}

// compileEquality puts the equality matches of an AnyOf into groups: alternatives
// that are one such match on the same attribute make one group together, and any
// other such match one of its own.
func (p *program) compileEquality(a *AnyOf) {
	of := map[attribute]int{}
	for i := range a.AllOf {
		all := &a.AllOf[i]
		if len(all.Match) != 1 || !all.Match[0].compares() {
			a.others = append(a.others, all)
			for j := range all.Match {
				if m := &all.Match[j]; m.compares() {
					m.group = &groupTest{m.from, p.newGroup()}
					m.from.compared.add(m, m.group.group)
				}
			}
			continue
		}
		m := &all.Match[0]
		group, known := of[*m.from]
		if !known {
			group = p.newGroup()
			of[*m.from] = group
			a.groups = append(a.groups, groupTest{m.from, group})
		}
		m.from.compared.add(m, group)
	}
}

func (p *program) newGroup() int {
	p.groups++
	return p.groups - 1
}
