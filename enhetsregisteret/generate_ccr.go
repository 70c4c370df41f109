package enhetsregisteret

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/fullmakt/fullmakt"
)

// caseKind is what a CCR batch tells of one unit.
type caseKind uint8

const (
	caseFirst    caseKind = iota // first transfer: the whole unit
	caseSubFirst                 // the same, of a sub-unit
	caseRoles                    // a family of roles changed
	casePlain                    // something else changed
	caseSubPlain
	caseDeleted // the unit is gone
	caseSubDeleted
	caseDouble  // a deleted unit turned out to be another one (DUBL)
	caseMerged  // a deleted unit went up in another one (SMSL)
	caseRevived // a deleted unit lives again
	caseGhost   // a deleted unit that no other file has
)

// ccrCase is one unit's part of a batch. The survivor of DUBL and SMSL is a
// main unit.
type ccrCase struct {
	kind     caseKind
	ghost    bool // unit counts the deleted ones
	unit     uint32
	survivor uint32
}

// writeBatch writes the CCR batch file and returns the counts of its trailer.
func (w *genWorld) writeBatch(ctx context.Context, path string, opts GenerateOptions) (file GeneratedFile, units, records int, err error) {
	var cases []ccrCase
	n := len(w.form) + len(w.parent)
	at := func(k int) ccrCase {
		if k < len(w.form) {
			return ccrCase{kind: caseFirst, unit: uint32(k)}
		}
		return ccrCase{kind: caseSubFirst, unit: uint32(k - len(w.form))}
	}
	if !opts.CCRAll {
		cases = w.batchOfDay()
		n = len(cases)
		at = func(k int) ccrCase { return cases[k] }
	}
	var unitCount, recordCount atomic.Int64
	chunks := (n + chunkUnits - 1) / chunkUnits
	text, size, err := writeChunks(ctx, path, 0, chunks, func(c int, b []byte) []byte {
		l := lines{w: w, b: b}
		if c == 0 {
			l.b = w.dates.compact(append(l.b, "HEADER "...), w.today)
			l.b = fmt.Appendf(l.b, "%05dALTA\n", firstRun+opts.Day)
		}
		for k := c * chunkUnits; k < min(n, (c+1)*chunkUnits); k++ {
			one := at(k)
			if opts.CCRAll && (one.kind == caseFirst && !w.alive(one.unit) || one.kind == caseSubFirst && !w.alive(w.parent[one.unit])) {
				continue
			}
			start := len(l.b)
			l.write(one)
			unitCount.Add(1)
			recordCount.Add(int64(bytes.Count(l.b[start:], []byte{'\n'})) - 1) // the ENH line is not a data record
		}
		return l.b
	}, func() []byte {
		return fmt.Appendf(nil, "TRAIER %07d%09d\n", unitCount.Load(), recordCount.Load())
	}, progress(opts.Progress, filepath.Base(path), n))
	return GeneratedFile{Path: path, Text: text, Size: size}, int(unitCount.Load()), int(recordCount.Load()), err
}

// batchOfDay chooses the units of an ordinary day's batch. What happened on the
// day is in it, filled up with changes that touch no role to a day's volume.
func (w *genWorld) batchOfDay() (cases []ccrCase) {
	d := roll(w.seed, "batch", uint64(w.day))
	add := func(c ccrCase) { cases = append(cases, c) }
	whole := func(kind caseKind, unit uint32) {
		add(ccrCase{kind: kind, unit: unit})
		for j := w.subOff[unit]; j < w.subOff[unit+1]; j++ {
			add(ccrCase{kind: caseSubFirst, unit: j})
		}
	}
	biggest := w.accounts.units[0]
	if w.day == 0 {
		// The latest units, some of the roles, and deletions of units that today's
		// files no longer have.
		for k := range uint32(w.scaled(170, 2)) {
			whole(caseFirst, w.nBase-1-k)
		}
		var buf []genRole
		for n := w.scaled(1350, 6); n > 0; {
			unit := uint32(d.below(int(w.nBase) - w.scaled(170, 2)))
			if buf = w.roles(unit, 0, buf[:0]); len(buf) > 0 {
				add(ccrCase{kind: caseRoles, unit: unit})
				n--
			}
		}
		for k := range min(w.scaled(120, 3), len(w.ghosts)) {
			c := ccrCase{kind: caseGhost, ghost: true, unit: uint32(k), survivor: biggest}
			switch k % 6 {
			case 0:
				c.kind = caseMerged
			case 1:
				c.kind, c.survivor = caseDouble, pick(&d, w.stock)
			}
			add(c)
		}
	} else {
		for i := w.nBase; i < uint32(len(w.form)); i++ {
			if w.newOn[i-w.nBase] == w.day {
				whole(caseFirst, i)
			}
		}
		var turned, gone []uint32
		for unit, days := range w.turns {
			if slices.Contains(days, w.day) && w.alive(unit) {
				turned = append(turned, unit)
			}
		}
		for unit, day := range w.gone {
			if day == w.day {
				gone = append(gone, unit)
			}
		}
		slices.Sort(turned)
		slices.Sort(gone)
		if w.day == 1 { // the clients of the merged accountant
			var buf []genRole
			for i := range w.nBase {
				if w.alive(i) && !slices.Contains(w.turns[i], 1) {
					if buf = w.roles(i, 0, buf[:0]); slices.ContainsFunc(buf, func(r genRole) bool { return r.by == holder{byUnit, w.merged} }) {
						turned = append(turned, i)
					}
				}
			}
		}
		for _, unit := range turned {
			add(ccrCase{kind: caseRoles, unit: unit})
		}
		for _, unit := range gone {
			if unit == w.merged {
				add(ccrCase{kind: caseMerged, unit: unit, survivor: biggest})
			} else {
				add(ccrCase{kind: caseDeleted, unit: unit})
			}
			for j := w.subOff[unit]; j < w.subOff[unit+1]; j++ {
				add(ccrCase{kind: caseSubDeleted, unit: j})
			}
		}
	}
	add(ccrCase{kind: casePlain, unit: biggest})
	for range w.scaled(5, 1) {
		if unit := uint32(d.below(int(w.nBase))); w.alive(unit) {
			add(ccrCase{kind: caseRevived, unit: unit})
		}
	}
	for n := w.scaled(4300, 20) - len(cases); n > 0; n-- {
		if j := uint32(d.below(len(w.parent))); d.chance(.35) && w.alive(w.parent[j]) {
			add(ccrCase{kind: caseSubPlain, unit: j})
		} else if unit := uint32(d.below(int(w.nBase))); w.alive(unit) {
			add(ccrCase{kind: casePlain, unit: unit})
		}
	}
	// One case a unit: the first stands.
	type key struct {
		sub, ghost bool
		unit       uint32
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(cases, func(c ccrCase) bool {
		k := key{c.kind == caseSubFirst || c.kind == caseSubPlain || c.kind == caseSubDeleted, c.ghost, c.unit}
		again := seen[k]
		seen[k] = true
		return again
	})
}

// write appends the lines of one case.
func (l *lines) write(c ccrCase) {
	w := l.w
	switch c.kind {
	case caseFirst:
		l.unit(w.number[c.unit], formShapes[w.form[c.unit]].code, "NNY", w.registered(c.unit), 'J', 0)
		l.whole(c.unit)
	case caseRevived:
		l.unit(w.number[c.unit], formShapes[w.form[c.unit]].code, "L", w.registered(c.unit), 'J', 0)
		l.whole(c.unit)
	case caseSubFirst:
		l.unit(w.subNo[c.unit], w.subForm(c.unit), "NNY", w.subRegistered(c.unit), 'J', 0)
		l.wholeSub(c.unit)
	case caseRoles:
		l.unit(w.number[c.unit], formShapes[w.form[c.unit]].code, "EEN", w.registered(c.unit), 'N', 0)
		l.changedRoles(c.unit)
	case casePlain:
		l.unit(w.number[c.unit], formShapes[w.form[c.unit]].code, "EEN", w.registered(c.unit), 'N', 0)
		if d := roll(w.seed, "plain", uint64(c.unit)); d.chance(.5) || c.unit == w.accounts.units[0] {
			l.name(w.appendName(nil, c.unit))
		}
		l.address(w.home(c.unit))
		l.plain("SN25N", "SSY", "00.00020260401")
		l.plain("MTLFU", "SSY", "")
	case caseSubPlain:
		l.unit(w.subNo[c.unit], w.subForm(c.unit), "EEN", w.subRegistered(c.unit), 'N', 0)
		l.address(w.subHome(c.unit))
		l.plain("KJRPN", "SSY", "N")
	case caseDeleted, caseDouble, caseMerged, caseGhost:
		var number, survivor fullmakt.OrgNumber
		form, since, sub := "AS", w.base-2000, "S"
		if c.ghost {
			number = w.ghosts[c.unit]
		} else {
			number, form, since = w.number[c.unit], formShapes[w.form[c.unit]].code, w.registered(c.unit)
		}
		switch c.kind {
		case caseDouble:
			survivor, sub = w.number[c.survivor], "SDUBL"
		case caseMerged:
			survivor, sub = w.number[c.survivor], "SSMSL"
		}
		l.unit(number, form, sub, since, 'N', survivor)
	case caseSubDeleted:
		l.unit(w.subNo[c.unit], w.subForm(c.unit), "S", w.subRegistered(c.unit), 'N', 0)
		l.plain("NDATN", "SSY", string(w.dates.compact(nil, w.today)))
	}
}

// whole writes all that CCR says of a main unit.
func (l *lines) whole(i uint32) {
	w := l.w
	shape := &formShapes[w.form[i]]
	l.name(w.appendName(nil, i))
	l.address(w.home(i))
	l.plain("STIDN", "SSY", string(w.dates.compact(nil, w.registered(i)-10)))
	if over, ok := w.above(i); ok && (shape.code == "ORGL" || shape.code == "ADOS") {
		l.link(shape.code, genRole{by: holder{byUnit, over}}, 'N')
	}
	if debtor, ok := w.estates[i]; ok {
		l.link("KDEB", genRole{by: holder{byUnit, debtor}}, 'N')
	}
	if shape.code == "NUF" {
		if d := roll(w.seed, "main enterprise", uint64(i)); d.chance(.6) {
			l.link("HFOR", genRole{by: holder{byUnit, pick(&d, w.byForm[shapeUTLA])}}, 'N')
		}
	}
	switch state, on := w.state(i); state {
	case stateBroke:
		l.plain("KONKN", "KR ", string(w.dates.compact(nil, on)))
	case stateWinding:
		l.plain("OPPLN", "FR ", "")
	case stateForced:
		l.plain("TVDLN", "FR ", "")
	}
	l.roles = w.roles(i, w.day, l.roles[:0])
	chair := false
	for _, r := range l.roles {
		l.role(r, 'N')
		chair = chair || r.code == fullmakt.LEDE
	}
	if shape.business && chair {
		l.plain("SIGNN", "SSY", "STTStyrets leder alene eller to styremedlemmer i fellesskap.")
		for _, r := range l.roles {
			if d := roll(w.seed, "procuration", uint64(i)); r.code == fullmakt.DAGL && r.by.kind == byPerson && d.chance(.2) {
				r.code, r.group = "PROK", "PROK"
				l.role(r, 'N')
			}
		}
	}
}

func (l *lines) wholeSub(j uint32) {
	w := l.w
	i := w.parent[j]
	l.name(w.appendSubName(nil, j, i, int(j-w.subOff[i])))
	l.address(w.subHome(j))
	l.link(w.subForm(j), genRole{by: holder{byUnit, i}}, 'N')
}

// changedRoles writes the families of unit i that changed today, each whole:
// the members new, those who left expired, and when nobody is left the family
// itself expired (SAMU). On day 0, which has no yesterday, one family is sent
// again and one person leaves it.
func (l *lines) changedRoles(i uint32) {
	w := l.w
	after := w.roles(i, w.day, nil)
	var before []genRole
	if w.day > 0 {
		before = w.roles(i, w.day-1, nil)
	} else if len(after) > 0 {
		d := roll(w.seed, "leaving", uint64(i))
		group := after[d.below(len(after))].group
		after = slices.DeleteFunc(after, func(r genRole) bool { return r.group != group })
		left := after[0]
		left.by = holder{byPerson, uint32(d.below(int(w.lawyers[0])))}
		if !slices.ContainsFunc(after, func(r genRole) bool { return r.by == left.by }) {
			before = []genRole{left}
		}
	}
	same := func(a, b genRole) bool { return a.code == b.code && a.by == b.by && a.ended == b.ended }
	held := func(list []genRole, r genRole) bool {
		return slices.ContainsFunc(list, func(o genRole) bool { return same(o, r) })
	}
	var groups []string
	for _, list := range [][]genRole{before, after} {
		for _, r := range list {
			if !slices.Contains(groups, r.group) && (w.day == 0 || !held(before, r) || !held(after, r)) {
				groups = append(groups, r.group)
			}
		}
	}
	for _, group := range groups {
		members := 0
		for _, r := range after {
			if r.group == group {
				l.role(r, 'N')
				members++
			}
		}
		for _, r := range before {
			if r.group == group && !slices.ContainsFunc(after, func(o genRole) bool { return o.code == r.code && o.by == r.by }) {
				l.role(r, 'U')
			}
		}
		if members == 0 {
			l.b = append(l.b, "SAMU"...)
			l.column(0, group)
			l.end()
		}
	}
}
