package node

import (
	"context"
	"iter"
	"sort"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// bulkMerge turns staged open-data files into the changes that bring the store
// to what they say. It visits main units with their roles in the order of
// organisation numbers, then sub-units, then what vanished. Parties get their
// numbers in that order, so that a unit lies beside those who hold its roles.
type bulkMerge struct {
	im                 *importer
	head               sqlite.Revision
	ids                *sqlite.Identities
	prior              *prior
	units, subs, roles *mergeInput // nil for a file that is not part of the import

	dir         directory
	buf         mergeBuffers
	prevRoles   []fullmakt.Role
	arena       []fullmakt.Role
	seen        bitset // units that the files name
	gone        bitset // organisations that a role calls deleted
	dead, alive bitset // persons, by what the roles file says of them
	lost        int    // roles that ended and were not replaced

	yield   func(fullmakt.Change, error) bool
	stopped bool
	sent    int
	cursor  string // of the feed "bulk" when this is done
}

// mergeInput is one staged file, read in the order of its table.
type mergeInput struct {
	stage    *stage
	reader   *stageReader
	source   source
	day      fullmakt.Date
	next     int // in stage.table
	compared int
}

// whole reports whether the file is there and is the whole register of its kind,
// so that what it does not name is gone. A single unit or a page of a search, as
// the register's API answers, is not.
func (in *mergeInput) whole() bool { return in != nil && !in.source.partial }

// peek returns the next organisation number; ok is false at the end.
func (in *mergeInput) peek() (org fullmakt.OrgNumber, ok bool) {
	if in == nil || in.next == len(in.stage.table) {
		return 0, false
	}
	return fullmakt.OrgNumber(in.stage.table[in.next] >> orgShift), true
}

func (in *mergeInput) take() (fullmakt.RegisterChange, error) {
	change, err := in.reader.at(in.stage.table[in.next])
	in.next++
	if err != nil {
		return change, stagingError(err)
	}
	return change, nil
}

// find returns the place of org in the table, or where it would stand.
func (in *mergeInput) find(org fullmakt.OrgNumber) (i int, ok bool) {
	if in == nil {
		return 0, false
	}
	table := in.stage.table
	i = sort.Search(len(table), func(i int) bool { return table[i]>>orgShift >= uint64(org) })
	return i, i < len(table) && table[i]>>orgShift == uint64(org)
}

func (im *importer) prepareMerge(ctx context.Context, sources []source, stages []*stage) (*bulkMerge, error) {
	head, err := im.db.Head(ctx)
	if err != nil {
		return nil, err
	}
	im.meter.begin(PhaseComparing, "", int64(head.NextParty))
	ids, err := im.db.Identities(ctx)
	if err != nil {
		return nil, err
	}
	prior, err := loadPrior(ctx, im.db, im.meter)
	if err != nil {
		return nil, err
	}
	m := &bulkMerge{im: im, head: head, ids: ids, prior: prior}
	m.dir = directory{assign: m.assign, lookup: ids.Lookup, class: prior.class}
	cursor := parseBulkCursor(prior.feeds[FeedBulk].Cursor)
	for i, src := range sources {
		in := &mergeInput{stage: stages[i], reader: stages[i].reader(), source: src, day: im.fileDay(src)}
		switch src.kind {
		case enhetsregisteret.KindUnits:
			m.units = in
		case enhetsregisteret.KindSubUnits:
			m.subs = in
		case enhetsregisteret.KindRoles:
			m.roles = in
		}
		if in.whole() {
			cursor[feedFile(src.kind)] = im.fileDate(src)
		}
	}
	m.cursor = cursor.String()
	return m, nil
}

func (m *bulkMerge) inputs() []*mergeInput {
	var ins []*mergeInput
	for _, in := range [...]*mergeInput{m.units, m.subs, m.roles} {
		if in != nil {
			ins = append(ins, in)
		}
	}
	return ins
}

// total counts the table entries that the pass will go through.
func (m *bulkMerge) total() int {
	n := 0
	for _, in := range m.inputs() {
		n += len(in.stage.table)
	}
	return n
}

// changes is the pass. It can be ranged over once.
func (m *bulkMerge) changes(ctx context.Context) iter.Seq2[fullmakt.Change, error] {
	return func(yield func(fullmakt.Change, error) bool) {
		m.yield = yield
		if err := m.run(ctx); err != nil && !m.stopped {
			yield(nil, err)
		}
	}
}

func (m *bulkMerge) run(ctx context.Context) error {
	if err := m.mainUnits(ctx); err != nil {
		return err
	}
	if err := m.subUnits(ctx); err != nil {
		return err
	}
	m.vanished()
	if share := m.im.opts.maxVanish(); m.tooMany(m.lost, m.prior.roles, share) {
		return tooMuch("roles", "roller", m.lost, m.prior.roles, share)
	}
	m.persons()
	if m.sent > 0 {
		// The files may be older than what the update feeds brought. Without a
		// cursor, Follow reads them again from before the files' day.
		for _, name := range enhetsregisteret.Feeds() {
			if feed := m.prior.feeds[name]; feed.Cursor != "" {
				m.send(fullmakt.Feed{Name: name, Stale: feed.Stale})
			}
		}
	}
	if feed := m.prior.feeds[FeedBulk]; m.sent > 0 || feed.Cursor != m.cursor {
		m.send(fullmakt.Feed{Name: FeedBulk, Cursor: m.cursor})
	}
	return nil
}

func (m *bulkMerge) send(change fullmakt.Change) {
	m.sent++
	if !m.stopped && !m.yield(change, nil) {
		m.stopped = true
	}
}

// tick counts progress and looks whether to go on.
func (m *bulkMerge) tick(ctx context.Context, records int64) bool {
	m.im.meter.done.Add(records)
	m.im.meter.records.Add(1)
	return !m.stopped && ctx.Err() == nil
}

// mainUnits merges the files of units and of roles, by organisation number.
func (m *bulkMerge) mainUnits(ctx context.Context) error {
	for {
		unitOrg, inUnits := m.units.peek()
		rolesOrg, inRoles := m.roles.peek()
		if !inUnits && !inRoles {
			return context.Cause(ctx)
		}
		org := unitOrg
		if !inUnits || inRoles && rolesOrg < unitOrg {
			org = rolesOrg
		}
		inUnits = inUnits && unitOrg == org
		inRoles = inRoles && rolesOrg == org
		if _, isSub := m.subs.find(org); isSub && !inUnits {
			m.roles.next++ // comes with the sub-unit
			continue
		}
		change := fullmakt.RegisterChange{Source: fullmakt.SourceOpenData, Org: org}
		var err error
		if inUnits {
			if change, err = m.units.take(); err != nil {
				return err
			}
		}
		n := int64(1)
		switch {
		case inRoles:
			if err := m.takeRoles(&change); err != nil {
				return err
			}
			if inUnits {
				n++
			}
		case m.roles.whole():
			change.Has |= fullmakt.HasRoles // the roles file has nothing for it
		}
		m.merge(&change, inRoles, m.units.whole() && !inUnits)
		if !m.tick(ctx, n) {
			return context.Cause(ctx)
		}
	}
}

func (m *bulkMerge) takeRoles(change *fullmakt.RegisterChange) error {
	roles, err := m.roles.take()
	change.Has |= roles.Has & fullmakt.HasRoles
	change.Roles = roles.Roles
	return err
}

// subUnits merges the file of sub-units.
func (m *bulkMerge) subUnits(ctx context.Context) error {
	for {
		org, ok := m.subs.peek()
		if !ok {
			return context.Cause(ctx)
		}
		change, err := m.subs.take()
		if err != nil {
			return err
		}
		if _, isMain := m.units.find(org); isMain {
			m.subs.stage.rejects = append(m.subs.stage.rejects, Reject{
				Unit: org.String(), Reason: "the unit is in the file of main units as well, and was taken from there",
			})
			continue
		}
		at, inRoles := m.roles.find(org)
		if inRoles {
			m.roles.next = at
			if err := m.takeRoles(&change); err != nil {
				return err
			}
		}
		m.merge(&change, inRoles, false)
		if !m.tick(ctx, 1) {
			return context.Cause(ctx)
		}
	}
}

// merge brings one unit over its version and sends what changed. inRoles tells
// that the roles file names the unit; missing, that the file of units should
// name it and does not.
func (m *bulkMerge) merge(change *fullmakt.RegisterChange, inRoles, missing bool) {
	report := &m.im.report
	report.countRoles(change, m.im.opts.KnownRole)
	id := fullmakt.OrganisationID(change.Org)
	no, isNew := m.ids.Assign(id)
	renamed := false
	if isNew || change.Has&fullmakt.HasName != 0 && !m.prior.sameName(no, change.Name) {
		renamed = !isNew
		m.prior.setName(no, change.Name)
		m.send(fullmakt.Party{No: no, ID: id, Name: change.Name})
	}
	m.seen.set(no)
	previous, known := m.prior.version(no, m.prevRoles[:0])
	if known {
		m.prevRoles = previous.Roles
	}
	got := mergeUnit(previous, change, m.dir, &m.buf)
	if missing && known && vanishable(&previous) && !previous.Form.SubUnit() {
		got.Org, got.Changed = vanish(got.Org, m.units.day), true
	}
	for _, person := range got.Dead {
		m.dead.set(person)
	}
	for _, person := range got.Alive {
		m.alive.set(person)
	}
	if got.Compared {
		if inRoles {
			m.roles.compared++
		}
		report.addDrift(got.Drift)
	}
	if vanishable(&previous) {
		m.lost += max(0, len(previous.Roles)-len(got.Org.Roles))
	}
	report.countUnit(previous.State, known, got, renamed)
	if got.Changed {
		m.sendVersion(got.Org)
	}
}

// sendVersion sends a version with roles of its own, since it is stored later,
// on another goroutine.
func (m *bulkMerge) sendVersion(o fullmakt.Organisation) {
	if n := len(o.Roles); n > 0 {
		if cap(m.arena)-len(m.arena) < n {
			m.arena = make([]fullmakt.Role, 0, max(4096, n))
		}
		from := len(m.arena)
		m.arena = append(m.arena, o.Roles...)
		o.Roles = m.arena[from:len(m.arena):len(m.arena)]
	}
	m.send(o)
}

// assign is the directory's: it gives a new holder or parent its number, and
// makes an organisation that none of the files will deliver a stub.
func (m *bulkMerge) assign(id fullmakt.PartyID, name string, deleted bool) fullmakt.PartyNo {
	no, isNew := m.ids.Assign(id)
	if deleted {
		m.gone.set(no)
	}
	if !isNew {
		return no
	}
	m.send(fullmakt.Party{No: no, ID: id, Name: name})
	if id.Kind != fullmakt.KindOrganisation {
		m.im.report.Persons++
		return no
	}
	m.prior.setName(no, name)
	if !m.staged(id.Org) {
		m.im.report.Stubs++
		stub := fullmakt.Organisation{Party: no, State: fullmakt.Stub}
		if deleted {
			stub.State |= fullmakt.Deleted
		}
		m.send(stub)
	}
	return no
}

// staged reports whether any of the files has a record of org.
func (m *bulkMerge) staged(org fullmakt.OrgNumber) bool {
	for _, in := range [...]*mergeInput{m.units, m.subs, m.roles} {
		if _, ok := in.find(org); ok {
			return true
		}
	}
	return false
}

// vanished ends what the files, each the whole register of its kind, no longer
// have.
func (m *bulkMerge) vanished() {
	for i, at := range m.prior.versions {
		no := fullmakt.PartyNo(i)
		if at == 0 || m.seen.has(no) {
			continue
		}
		o, _ := m.prior.version(no, m.prevRoles[:0])
		if o.State == fullmakt.Stub && m.gone.has(no) {
			o.State |= fullmakt.Deleted
			m.im.report.Deleted++
			m.sendVersion(o)
		}
		if !vanishable(&o) {
			continue
		}
		switch in := m.fileOf(&o); {
		case in != nil:
			m.im.report.Deleted++
			m.sendVersion(vanish(o, in.day))
		case m.roles.whole() && len(o.Roles) > 0 && !o.Form.SubUnit():
			m.lost += len(o.Roles)
			o.Roles = nil
			m.im.report.Changed++
			m.sendVersion(o)
		}
	}
}

// fileOf is the file of the import that must name the unit, if it is there.
func (m *bulkMerge) fileOf(o *fullmakt.Organisation) *mergeInput {
	in := m.units
	if o.Form.SubUnit() {
		in = m.subs
	}
	if !in.whole() {
		return nil
	}
	return in
}

// persons sends who has died. A person is dead when any role says so, and alive
// again only when a whole roles file has that person and says it nowhere.
func (m *bulkMerge) persons() {
	for no := range m.dead.all {
		if !m.prior.dead.has(no) {
			m.send(fullmakt.Person{Party: no, Dead: true})
		}
	}
	for no := range m.prior.dead.all {
		if m.roles.whole() && m.alive.has(no) && !m.dead.has(no) {
			m.send(fullmakt.Person{Party: no})
		}
	}
}

// checkVanish refuses files that lack too much of the register, before anything
// is stored: a file that was cut off, or is not what it seems.
func (m *bulkMerge) checkVanish() error {
	if m.head.Seq == 0 {
		return nil
	}
	var named bitset
	for _, in := range [...]*mergeInput{m.units, m.subs} {
		if in == nil {
			continue
		}
		for _, entry := range in.stage.table {
			if no := m.ids.Lookup(fullmakt.OrganisationID(fullmakt.OrgNumber(entry >> orgShift))); no != 0 {
				named.set(no)
			}
		}
	}
	var mains, subs int
	for i, at := range m.prior.versions {
		if at == 0 || named.has(fullmakt.PartyNo(i)) {
			continue
		}
		if o, _ := m.prior.version(fullmakt.PartyNo(i), m.prevRoles[:0]); vanishable(&o) {
			if o.Form.SubUnit() {
				subs++
			} else {
				mains++
			}
		}
	}
	share := m.im.opts.maxVanish()
	switch {
	case m.units.whole() && m.tooMany(mains, m.prior.mains, share):
		return tooMuch("units", "enheter", mains, m.prior.mains, share)
	case m.subs.whole() && m.tooMany(subs, m.prior.subs, share):
		return tooMuch("sub-units", "underenheter", subs, m.prior.subs, share)
	case m.roles.whole() && m.tooMany(m.prior.roles-m.roles.stage.roles, m.prior.roles, share):
		// The exact count is known only at the end of the pass; a file that
		// is far too short need not wait for it.
		return tooMuch("roles", "roller", m.prior.roles-m.roles.stage.roles, m.prior.roles, share)
	}
	return nil
}

func (m *bulkMerge) tooMany(gone, of int, share float64) bool {
	return !m.im.opts.AllowVanish && float64(gone) > share*float64(of)
}

func tooMuch(what, file string, gone, of int, share float64) error {
	return fullmakt.Errorf(fullmakt.CodeConflict, "%d of %d %s in the store (%.1f %%) are not in %s any more, more than the %.1f %% that may vanish; nothing was stored",
		gone, of, what, 100*float64(gone)/float64(of), file, 100*share).
		WithHint("the file may be cut off or of another register; if it is right, allow it to vanish by name (--allow-vanish)")
}

// fileReports tells what became of each file, when all is stored.
func (m *bulkMerge) fileReports() []FileReport {
	var reports []FileReport
	for _, in := range m.inputs() {
		s := in.stage
		reports = append(reports, FileReport{
			File: in.source.path, Kind: feedFile(in.source.kind), Date: in.day.String(),
			Read: s.read, Rejected: len(s.rejects), Compared: in.compared,
			Stored: s.read - len(s.rejects) - in.compared,
			Roles:  s.roles, Resumed: s.resumed,
		})
	}
	return reports
}
