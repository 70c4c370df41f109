package node

import (
	"context"
	"iter"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// batchChunk is how many records are merged at a time: their versions are read
// with one query.
const batchChunk = 400

// batchMerge turns records of a feed that sends what has changed (CCR, the
// update feeds) into log changes. It reads the versions it needs chunk by chunk,
// as they stand at one revision, and keeps those it makes itself, since a feed
// may name a unit more than once.
type batchMerge struct {
	db      *sqlite.DB
	head    sqlite.Revision
	numbers *numberer
	known   func(fullmakt.RoleCode) bool
	report  *Report

	made    map[fullmakt.PartyNo]fullmakt.Organisation // versions of this revision
	names   map[fullmakt.PartyNo]string                // names of this revision
	classes map[fullmakt.PartyNo]holderClass           // of parties first seen in this revision
	// replaced are units deleted as duplicates or merged, each with its survivor.
	replaced map[fullmakt.PartyNo]fullmakt.OrgNumber
	stubs    []fullmakt.Organisation // organisations first seen as holder or parent

	versions map[fullmakt.PartyNo]fullmakt.Organisation // of the chunk, at head
	parties  map[fullmakt.PartyNo]fullmakt.Party        // of the chunk, at head
	buf      mergeBuffers
	out      []fullmakt.Change
	compared int // records compared and not stored
}

func newBatchMerge(db *sqlite.DB, head sqlite.Revision, numbers *numberer, report *Report, known func(fullmakt.RoleCode) bool) *batchMerge {
	return &batchMerge{
		db: db, head: head, numbers: numbers, report: report, known: known,
		made:    map[fullmakt.PartyNo]fullmakt.Organisation{},
		names:   map[fullmakt.PartyNo]string{},
		classes: map[fullmakt.PartyNo]holderClass{},

		replaced: map[fullmakt.PartyNo]fullmakt.OrgNumber{},
	}
}

// changes merges records, with feeds appended: where the feeds stand after them.
// An error among the records ends the sequence, except that each one for which
// turnedDown reports true is left out.
func (b *batchMerge) changes(ctx context.Context, records iter.Seq2[fullmakt.RegisterChange, error], turnedDown func(error) bool, feeds func() []fullmakt.Feed) iter.Seq2[fullmakt.Change, error] {
	return func(yield func(fullmakt.Change, error) bool) {
		flush := func(chunk []fullmakt.RegisterChange) bool {
			if err := b.chunk(ctx, chunk); err != nil {
				yield(nil, err)
				return false
			}
			return b.drain(yield)
		}
		chunk := make([]fullmakt.RegisterChange, 0, batchChunk)
		for record, err := range records {
			if err != nil {
				if turnedDown(err) {
					continue
				}
				yield(nil, err)
				return
			}
			if chunk = append(chunk, record); len(chunk) == batchChunk {
				if !flush(chunk) {
					return
				}
				chunk = chunk[:0]
			}
		}
		if !flush(chunk) {
			return
		}
		for _, stub := range b.stubs {
			if _, delivered := b.made[stub.Party]; !delivered {
				b.report.Stubs++
				b.out = append(b.out, stub)
			}
		}
		// Only now is every unit of the file known that may live on.
		if b.report.addReplaced(b.replaced, b.numbers.lookup); b.numbers.err != nil {
			yield(nil, b.numbers.err)
			return
		}
		for _, feed := range feeds() {
			b.out = append(b.out, feed)
		}
		b.drain(yield)
	}
}

// drain hands over what is gathered.
func (b *batchMerge) drain(yield func(fullmakt.Change, error) bool) bool {
	for _, change := range b.out {
		if !yield(change, nil) {
			return false
		}
	}
	b.out = b.out[:0]
	return true
}

// chunk merges some records.
func (b *batchMerge) chunk(ctx context.Context, records []fullmakt.RegisterChange) error {
	if err := b.load(ctx, records); err != nil {
		return err
	}
	dir := directory{assign: b.assign, lookup: b.numbers.lookup, class: b.class}
	for i := range records {
		b.merge(&records[i], dir)
		if b.numbers.err != nil {
			return b.numbers.err
		}
	}
	return nil
}

// load reads the versions of the records' units, and what is known of those
// units and of everyone who holds a role there or is to.
func (b *batchMerge) load(ctx context.Context, records []fullmakt.RegisterChange) error {
	var units, involved []fullmakt.PartyNo
	add := func(list *[]fullmakt.PartyNo, no fullmakt.PartyNo) {
		if no != 0 && no < b.head.NextParty {
			*list = append(*list, no)
		}
	}
	for i := range records {
		add(&units, b.numbers.lookup(fullmakt.OrganisationID(records[i].Org)))
		for role := range statedRoles(&records[i]) {
			if role.Holder.Kind == fullmakt.KindPerson {
				add(&involved, b.numbers.lookup(role.Holder))
			}
		}
	}
	if b.numbers.err != nil {
		return b.numbers.err
	}
	b.versions = make(map[fullmakt.PartyNo]fullmakt.Organisation, len(units))
	b.parties = make(map[fullmakt.PartyNo]fullmakt.Party, len(units)+len(involved))
	units = distinct(units)
	if len(units) > 0 {
		versions, err := b.db.OrganisationsAt(ctx, b.head.Seq, units)
		if err != nil {
			return err
		}
		for _, o := range versions {
			b.versions[o.Party] = o
			for _, role := range o.Roles {
				add(&involved, role.Holder)
			}
		}
	}
	if involved = distinct(append(involved, units...)); len(involved) > 0 {
		parties, err := b.db.Parties(ctx, involved)
		if err != nil {
			return err
		}
		for _, p := range parties {
			b.parties[p.No] = p
		}
	}
	return nil
}

func distinct(nos []fullmakt.PartyNo) []fullmakt.PartyNo {
	slices.Sort(nos)
	return slices.Compact(nos)
}

// statedRoles yields the roles that a record states as held.
func statedRoles(c *fullmakt.RegisterChange) iter.Seq[*fullmakt.RegisterRole] {
	return func(yield func(*fullmakt.RegisterRole) bool) {
		for i := range c.Roles {
			if !yield(&c.Roles[i]) {
				return
			}
		}
		for f := range c.Families {
			for i := range c.Families[f].Roles {
				if !yield(&c.Families[f].Roles[i]) {
					return
				}
			}
		}
	}
}

func (b *batchMerge) merge(change *fullmakt.RegisterChange, dir directory) {
	id := fullmakt.OrganisationID(change.Org)
	if change.Has&fullmakt.HasGone != 0 {
		if no := b.numbers.lookup(id); no != 0 && no < b.head.NextParty {
			b.report.Purged++
			b.out = append(b.out, fullmakt.Purge{Party: no})
			b.numbers.forget(id)
			delete(b.made, no)
			delete(b.replaced, no)
			delete(b.versions, no)
		}
		return
	}
	b.report.countRoles(change, b.known)
	no, isNew := b.numbers.assign(id)
	name := b.name(no)
	renamed := change.Has&fullmakt.HasName != 0 && change.Name != name
	if isNew || renamed {
		b.out = append(b.out, fullmakt.Party{No: no, ID: id, Name: change.Name})
		b.names[no] = change.Name
	}
	previous, known := b.made[no]
	if !known {
		previous, known = b.versions[no]
	}
	previous.Party = no
	got := mergeUnit(previous, change, dir, &b.buf)
	switch {
	case change.ReplacedBy != 0:
		b.replaced[no] = change.ReplacedBy
	case got.Org.State&fullmakt.Deleted == 0:
		delete(b.replaced, no) // brought back to life later in the same file
	}
	for _, person := range got.Dead {
		b.out = append(b.out, fullmakt.Person{Party: person, Dead: true})
	}
	if got.Compared {
		b.compared++
		b.report.addDrift(got.Drift)
	}
	b.report.countUnit(previous.State, known, got, renamed && !isNew)
	if got.Changed || !known {
		got.Org.Roles = slices.Clone(got.Org.Roles)
		b.made[no] = got.Org
		b.out = append(b.out, got.Org)
	}
}

// name is what the party is called, as far as this batch has to do with it.
func (b *batchMerge) name(no fullmakt.PartyNo) string {
	if name, ok := b.names[no]; ok {
		return name
	}
	return b.parties[no].Name
}

// assign is the directory's: it registers new holders and parents, and takes the
// new name of a person known by identity number.
func (b *batchMerge) assign(id fullmakt.PartyID, name string, deleted bool) fullmakt.PartyNo {
	no, isNew := b.numbers.assign(id)
	switch {
	case isNew:
		b.names[no] = name
		b.classes[no] = classOf(id)
		if id.Kind == fullmakt.KindOrganisation {
			stub := fullmakt.Organisation{Party: no, State: fullmakt.Stub}
			if deleted {
				stub.State |= fullmakt.Deleted
			}
			b.stubs = append(b.stubs, stub)
		} else {
			b.report.Persons++
		}
	case id.Kind == fullmakt.KindPerson && !id.Uncertain() && name != "" && name != b.name(no):
		b.names[no] = name
	default:
		return no
	}
	b.out = append(b.out, fullmakt.Party{No: no, ID: id, Name: name})
	return no
}

func (b *batchMerge) class(no fullmakt.PartyNo) holderClass {
	if class, ok := b.classes[no]; ok {
		return class
	}
	if p, ok := b.parties[no]; ok {
		return classOf(p.ID)
	}
	return organisationHolder
}

// numberer gives parties their numbers: over the store's identity table in
// memory where a whole register is coming, else with a query each.
type numberer struct {
	ctx   context.Context
	db    *sqlite.DB
	ids   *sqlite.Identities // nil: ask the store
	next  fullmakt.PartyNo
	cache map[fullmakt.PartyID]fullmakt.PartyNo // 0: not known
	err   error                                 // the first failed query; numbers are 0 from then on
}

func newNumberer(ctx context.Context, db *sqlite.DB, head sqlite.Revision, ids *sqlite.Identities) *numberer {
	return &numberer{ctx: ctx, db: db, ids: ids, next: head.NextParty, cache: map[fullmakt.PartyID]fullmakt.PartyNo{}}
}

func (n *numberer) lookup(id fullmakt.PartyID) fullmakt.PartyNo {
	if n.ids != nil {
		return n.ids.Lookup(id)
	}
	if no, ok := n.cache[id]; ok || n.err != nil {
		return no
	}
	no, _, err := n.db.Identify(n.ctx, id)
	if err != nil {
		n.err = err
		return 0
	}
	n.cache[id] = no
	return no
}

func (n *numberer) assign(id fullmakt.PartyID) (no fullmakt.PartyNo, isNew bool) {
	if n.ids != nil {
		return n.ids.Assign(id)
	}
	if no = n.lookup(id); no != 0 || n.err != nil {
		return no, false
	}
	no = n.next
	n.next++
	n.cache[id] = no
	return no, true
}

// forget makes a purged party unknown: if it comes again, it is another party.
func (n *numberer) forget(id fullmakt.PartyID) { n.cache[id] = 0 }
