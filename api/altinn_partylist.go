package api

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// partyOptions say which authorized parties are wanted, and what of them.
type partyOptions struct {
	roles, packages, resources bool // shown
	viaKeyRoles                bool // count authority by rule NEST
	subParties                 bool // count authority by rules SUB and ENK
	inactive                   bool // list deleted organisations
	businessOnly               bool // leave out organisations that do no business (rule PRIV-1)
	filter                     map[fullmakt.PartyNo]bool
	limit                      *consumerLimit
	// resourceIDs and ownerCode ask for parties where the subject has any of some
	// resources; named is what that means at one revision, nil for no such question.
	resourceIDs []string
	ownerCode   string
	named       *namedResources
}

// partyRow is one authorized party: which lists it shows, and its sub-units.
type partyRow struct {
	no                         fullmakt.PartyNo
	roles, packages, resources int32 // places in partyList.lists
	noAccess                   bool  // it stands there only as the main unit of one that follows
	subunits                   []partyRow
}

// partyList is the whole of a subject's authorized parties, ready to be written.
type partyList struct {
	s     *index.Snapshot
	at    int64
	rows  []partyRow
	uuids map[fullmakt.PartyNo]fullmakt.UUID
	lists [][]byte // JSON arrays; many parties share one
}

// size is the number of parties, sub-units and main units without access included.
func (l *partyList) size() int {
	n := len(l.rows)
	for i := range l.rows {
		n += len(l.rows[i].subunits)
	}
	return n
}

// partyNamer gives parties their UUIDs: the store does.
type partyNamer interface {
	UUIDs(ctx context.Context, nos []fullmakt.PartyNo) (map[fullmakt.PartyNo]fullmakt.UUID, error)
}

// listParties gathers the authorized parties of a subject: every party for which
// it has a package or a role, in the order of party ids, sub-units under their
// main units.
func listParties(s *index.Snapshot, subject fullmakt.PartyNo, at int64, o partyOptions) *partyList {
	w := partyWriter{list: &partyList{s: s, at: at}, v: s.Catalogue().At(at), o: o, known: map[string]int32{}}
	w.list.lists = append(w.list.lists, []byte("[]"))
	below := map[fullmakt.PartyNo][]partyRow{} // sub-units by main unit
	place := map[fullmakt.PartyNo]int{}        // of main units in rows
	for p, grounds := range pdp.GroundsOf(s, subject, at) {
		row, ok := w.row(p, grounds)
		if !ok {
			continue
		}
		if main := mainUnit(s, p); main != 0 && w.lists(main) {
			if below[main] == nil {
				place[main] = -1
			}
			below[main] = append(below[main], row)
			continue
		}
		w.list.rows = append(w.list.rows, row)
	}
	for i := range w.list.rows {
		no := w.list.rows[i].no
		if subs := below[no]; subs != nil {
			w.list.rows[i].subunits = subs
			place[no] = i
		}
	}
	for main, at := range place {
		if at < 0 {
			w.list.rows = append(w.list.rows, w.main(subject, main, below[main]))
		}
	}
	slices.SortFunc(w.list.rows, func(a, b partyRow) int { return int(int64(a.no) - int64(b.no)) })
	return w.list
}

// mainUnit returns the unit that a sub-unit is shown under, or 0.
func mainUnit(s *index.Snapshot, p fullmakt.PartyNo) fullmakt.PartyNo {
	n := s.Node(p)
	if n.Kind != fullmakt.KindOrganisation || n.Parent == 0 || !subUnit(s, n) {
		return 0
	}
	main := s.Node(n.Parent)
	if main.Kind != fullmakt.KindOrganisation || subUnit(s, main) {
		return 0
	}
	return n.Parent
}

func subUnit(s *index.Snapshot, n *index.Node) bool {
	return n.Form != 0 && s.Catalogue().Form(n.Form).SubUnit
}

// partyWriter turns grounds into rows.
type partyWriter struct {
	list   *partyList
	v      *catalogue.View
	o      partyOptions
	known  map[string]int32 // places of lists by what is in them
	ids    []catalogue.RoleID
	rights []index.RightID
	key    []byte
}

// lists reports whether a party may stand in the list at all.
func (w *partyWriter) lists(p fullmakt.PartyNo) bool {
	n := w.list.s.Node(p)
	if !w.o.inactive && n.State&fullmakt.Deleted != 0 {
		return false
	}
	return !w.o.businessOnly || doesBusiness(w.list.s, n)
}

// doesBusiness reports whether an organisation's form is one of business; other
// parties are not asked (rule PRIV-1).
func doesBusiness(s *index.Snapshot, n *index.Node) bool {
	return n.Kind != fullmakt.KindOrganisation || n.Form != 0 && s.Catalogue().Form(n.Form).Business
}

// wanted reports whether the party filter lets a party through. A main unit
// brings its sub-units.
func (w *partyWriter) wanted(p fullmakt.PartyNo) bool {
	return w.o.filter == nil || w.o.filter[p] || w.o.filter[mainUnit(w.list.s, p)]
}

func (w *partyWriter) row(p fullmakt.PartyNo, grounds []pdp.Ground) (partyRow, bool) {
	if !w.wanted(p) || !w.lists(p) {
		return partyRow{}, false
	}
	return w.holding(p, grounds)
}

// main makes the row of a main unit that was not listed by itself: with what the
// subject has there where only the filter left it out, else without access.
func (w *partyWriter) main(subject, main fullmakt.PartyNo, subunits []partyRow) partyRow {
	row, ok := w.holding(main, pdp.Grounds(w.list.s, subject, main, w.list.at))
	if !ok {
		row = partyRow{no: main, noAccess: true}
	}
	row.subunits = subunits
	return row
}

// holding sums up grounds; it reports false when none of them counts.
func (w *partyWriter) holding(p fullmakt.PartyNo, grounds []pdp.Ground) (partyRow, bool) {
	row := partyRow{no: p}
	var use catalogue.PackageSet
	w.ids, w.rights = w.ids[:0], w.rights[:0]
	for _, g := range grounds {
		if !w.o.viaKeyRoles && g.Rule == fullmakt.RuleNest || !w.o.subParties && g.Extension != "" {
			continue
		}
		use = use.Union(g.Use(w.list.s, w.list.at))
		if g.Role != 0 {
			w.ids = append(w.ids, g.Role)
			w.ids = append(w.ids, w.v.Mapped(g.Role)...)
		}
		if g.Right != 0 && w.o.limit == nil { // a limit is to packages and roles
			w.rights = append(w.rights, g.Right)
		}
	}
	use = w.o.limit.packagesOf(use)
	w.ids = w.o.limit.rolesOf(w.ids)
	if use.IsEmpty() && len(w.ids) == 0 && len(w.rights) == 0 || w.o.named != nil && !w.o.named.among(w.list.s, use, w.ids, w.rights) {
		return row, false
	}
	if w.o.resources && len(w.rights) > 0 {
		row.resources = w.resources()
	}
	if w.o.packages {
		row.packages = w.packages(use)
	}
	if w.o.roles {
		row.roles = w.roles()
	}
	return row, true
}

// packages returns the place of the list of a set's bare codes, as Altinn spells
// them.
func (w *partyWriter) packages(set catalogue.PackageSet) int32 {
	w.key = append(w.key[:0], 'p')
	for _, word := range set {
		w.key = binary.LittleEndian.AppendUint64(w.key, word)
	}
	return w.place(func(yield func(string) bool) {
		for id := range set.All() {
			if p := w.v.Package(id); p != nil && !yield(altinnPackageCode(p)) {
				return
			}
		}
	})
}

// roles returns the place of the list of the legacy codes of w.ids.
func (w *partyWriter) roles() int32 {
	slices.Sort(w.ids)
	w.ids = slices.Compact(w.ids)
	w.key = append(w.key[:0], 'r')
	for _, id := range w.ids {
		w.key = binary.LittleEndian.AppendUint16(w.key, uint16(id))
	}
	return w.place(func(yield func(string) bool) {
		for _, id := range w.ids {
			if r := w.v.Role(id); r != nil {
				if code := legacyCode(r); code != "" && !yield(strings.ToUpper(code)) {
					return
				}
			}
		}
	})
}

// resources returns the place of the list of the resources of w.rights.
func (w *partyWriter) resources() int32 {
	ids := grantedResources(w.list.s, w.rights)
	w.key = append(w.key[:0], 'x')
	for _, id := range ids {
		w.key = append(append(w.key, id...), 0)
	}
	return w.place(slices.Values(ids))
}

// place returns where the list with w.key is, and makes it the first time.
func (w *partyWriter) place(each func(func(string) bool)) int32 {
	if at, ok := w.known[string(w.key)]; ok {
		return at
	}
	b := []byte{'['}
	for s := range each {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendJSONString(b, s)
	}
	w.list.lists = append(w.list.lists, append(b, ']'))
	at := int32(len(w.list.lists) - 1)
	w.known[string(w.key)] = at
	return at
}

// name looks the UUIDs of all rows up at once.
func (l *partyList) name(ctx context.Context, from partyNamer) (err error) {
	nos := make([]fullmakt.PartyNo, 0, l.size())
	for i := range l.rows {
		nos = append(nos, l.rows[i].no)
		for j := range l.rows[i].subunits {
			nos = append(nos, l.rows[i].subunits[j].no)
		}
	}
	if l.uuids, err = from.UUIDs(ctx, nos); err == nil && len(l.uuids) < len(nos) {
		// Purged since the snapshot: a shorter list would be a wrong one.
		err = fullmakt.Errorf(fullmakt.CodeUnavailable, "the register changed meanwhile").WithHint("ask again")
	}
	return err
}
