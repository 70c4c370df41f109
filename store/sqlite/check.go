package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// Finding is one thing that Check found wrong.
type Finding struct {
	What string // a sentence that names the table and the numbers
	Hint string // what to do about it
}

// mostFindings bounds what one step of Check reports.
const mostFindings = 20

const (
	damageHint = "the file is damaged: restore a backup, or import the register anew into an empty store"
	editedHint = "the file was changed by something else than fullmakt: restore a backup, or import the register anew into an empty store"
)

// checker is the state of one Check.
type checker struct {
	ctx  context.Context
	db   *DB
	s    *session
	head Revision

	codes     []string
	kinds     []fullmakt.PartyKind // by party number
	revisions []int64              // revision.kinds by number; -1 where there is none
	pairs     []uint64             // sorted; as pairWriter has them

	inStep   int
	findings []Finding
}

// Check reads the whole store and returns what is wrong with it, nothing when
// all is well: the file's own structure, gaps among revisions and party numbers,
// identities that do not decrypt or do not match what they are looked up by,
// versions that overlap, cannot be read or name parties that are not there, and
// relations that a question about the past would miss. progress, which may be
// nil, is called when a step begins. An error means that the check could not be
// made, not that something is wrong.
func (db *DB) Check(ctx context.Context, progress func(step string, done, of int)) ([]Finding, error) {
	c := &checker{ctx: ctx, db: db}
	steps := []struct {
		name string
		run  func() error
	}{
		{"file structure", c.checkFile},
		{"revisions", c.checkRevisions},
		{"parties", c.checkParties},
		{"relations", c.checkRelated},
		{"organisations", c.checkOrganisations},
		{"other facts", c.checkFacts},
	}
	err := db.read(ctx, func(s *session) error {
		c.s = s
		for i, step := range steps {
			if progress != nil {
				progress(step.name, i, len(steps))
			}
			c.inStep = 0
			err := step.run()
			if isDamage(err) {
				c.findings = append(c.findings, Finding{fmt.Sprintf("%s: %v", step.name, err), damageHint})
				return nil
			}
			if err != nil {
				return err
			}
			if c.inStep > mostFindings {
				c.findings = append(c.findings, Finding{fmt.Sprintf("%s: %d findings more", step.name, c.inStep-mostFindings), damageHint})
			}
			if i == 0 && len(c.findings) > 0 {
				return nil // what a damaged file says is not worth reading
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if progress != nil {
		progress("", len(steps), len(steps))
	}
	return c.findings, nil
}

func (c *checker) found(hint, format string, args ...any) {
	if c.inStep++; c.inStep <= mostFindings {
		c.findings = append(c.findings, Finding{fmt.Sprintf(format, args...), hint})
	}
}

func (c *checker) checkFile() error {
	return c.s.each(c.ctx, "PRAGMA quick_check", nil, func(row []value) error {
		if said := asString(row[0]); said != "ok" {
			c.found(damageHint, "%s", said)
		}
		return nil
	})
}

func (c *checker) checkRevisions() (err error) {
	if c.head, err = c.s.head(c.ctx); err != nil {
		return err
	}
	if c.codes, err = c.db.codes.current(c.ctx, c.s); err != nil {
		return err
	}
	last, lastAt, lastNext := int64(0), int64(0), int64(1)
	c.revisions = []int64{-1}
	return c.s.each(c.ctx, "SELECT seq, at, next_party, kinds FROM revision ORDER BY seq", nil, func(row []value) error {
		seq, at, next := asInt(row[0]), asInt(row[1]), asInt(row[2])
		if seq != last+1 {
			c.found(editedHint, "revision: number %d follows %d", seq, last)
			if seq < 1 || seq-last > 1<<20 {
				return nil
			}
		}
		for int64(len(c.revisions)) < seq {
			c.revisions = append(c.revisions, -1)
		}
		c.revisions = append(c.revisions, asInt(row[3]))
		if last > 0 && at < lastAt {
			c.found(editedHint, "revision %d: made before revision %d", seq, last)
		}
		if next < lastNext {
			c.found(editedHint, "revision %d: the next party number falls from %d to %d", seq, lastNext, next)
		}
		last, lastAt, lastNext = seq, at, next
		return nil
	})
}

// at checks that something of revision seq shows in the revision's row, since
// the log is read back by it.
func (c *checker) at(seq int64, kind int64, format string, args ...any) {
	if seq < 1 || seq >= int64(len(c.revisions)) || c.revisions[seq] < 0 || c.revisions[seq]&kind == 0 {
		c.found(editedHint, "%s: revision %d does not know of it", fmt.Sprintf(format, args...), seq)
	}
}

func (c *checker) checkParties() error {
	given := map[fullmakt.PartyNo]fullmakt.UUID{}
	err := c.s.each(c.ctx, "SELECT no, uuid FROM party_uuid", nil, func(row []value) error {
		var u fullmakt.UUID
		copy(u[:], asBytes(row[1]))
		given[partyNo(row[0])] = u
		return nil
	})
	if err != nil {
		return err
	}
	c.kinds = make([]fullmakt.PartyKind, 1, c.head.NextParty)
	var scratch []byte
	err = c.s.each(c.ctx, "SELECT no, kind, org, uuid, ident, cipher, name, name_hash FROM party ORDER BY no", nil, func(row []value) error {
		no, kind := partyNo(row[0]), fullmakt.PartyKind(asInt(row[1]))
		if int(no) != len(c.kinds) {
			c.found(editedHint, "party: number %d follows %d", no, len(c.kinds)-1)
			if asInt(row[0]) < int64(len(c.kinds)) || no >= c.head.NextParty {
				return nil
			}
			c.kinds = append(c.kinds, make([]fullmakt.PartyKind, int(no)-len(c.kinds))...)
		}
		c.kinds = append(c.kinds, kind)
		if kind == fullmakt.KindUnknown {
			if slices.ContainsFunc(row[2:], func(v value) bool { return v != nil }) {
				c.found("purge the party again", "party %d: purged, but not all of it is erased", no)
			}
			return nil
		}
		if kind > fullmakt.KindSystemUser {
			c.found(editedHint, "party %d: unknown kind %d", no, kind)
			return nil
		}
		var u fullmakt.UUID
		copy(u[:], asBytes(row[3]))
		if u == (fullmakt.UUID{}) || uuidParty(u) != no && given[no] != u {
			c.found(editedHint, "party %d: not found by its UUID", no)
		}
		if name := asString(row[6]); name != "" && asInt(row[7]) != nameHash(fullmakt.FoldName(name)) {
			c.found(editedHint, "party %d: not found by its name", no)
		}
		if kind == fullmakt.KindOrganisation {
			if asInt(row[2]) == 0 || row[4] != nil || row[5] != nil {
				c.found(editedHint, "party %d: an organisation without an organisation number, or with a person's identity", no)
			}
			return nil
		}
		id, err := c.db.secrets.open(no, asBytes(row[5]))
		if err != nil {
			c.found(editedHint, "%v", err)
			return nil
		}
		scratch = appendIdentity(scratch[:0], id)
		if want := c.db.secrets.identOf(scratch); !bytes.Equal(asBytes(row[4]), want[:]) || id.Kind != kind || asInt(row[2]) != int64(id.Org) {
			c.found(editedHint, "party %d: its identity is not what it is looked up by", no)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(c.kinds) != int(c.head.NextParty) {
		c.found(editedHint, "party: the highest number is %d, but the log says that %d comes next", len(c.kinds)-1, c.head.NextParty)
	}
	return c.s.each(c.ctx, "SELECT seq, no FROM party_change", nil, func(row []value) error {
		c.party(partyNo(row[1]), true, "party_change at revision %d", asInt(row[0]))
		c.at(asInt(row[0]), wroteParty, "party_change of party %d", asInt(row[1]))
		return nil
	})
}

// party checks that a number was given out, and unless a tombstone will do that
// it is a party now.
func (c *checker) party(no fullmakt.PartyNo, tombstone bool, format string, args ...any) {
	if no == 0 || int(no) >= len(c.kinds) || !tombstone && c.kinds[no] == fullmakt.KindUnknown {
		c.found(editedHint, "%s: names party %d, which is not there", fmt.Sprintf(format, args...), no)
	}
}

func (c *checker) checkRelated() error {
	err := c.s.each(c.ctx, "SELECT id, pairs FROM related ORDER BY id", nil, func(row []value) error {
		bucket := uint64(asInt(row[0])) >> 32
		ok := eachPair(bucket, asBytes(row[1]), func(holder, org fullmakt.PartyNo) {
			c.pairs = append(c.pairs, uint64(holder)<<32|uint64(org))
		})
		if !ok {
			c.found(damageHint, "related: row %d cannot be read", asInt(row[0]))
		}
		return nil
	})
	slices.Sort(c.pairs)
	return err
}

// related checks that a relation would be found by EverRelated.
func (c *checker) related(holder, org fullmakt.PartyNo) {
	if _, ok := slices.BinarySearch(c.pairs, uint64(holder)<<32|uint64(org)); !ok {
		c.found(editedHint, "related: party %d at party %d is missing", holder, org)
	}
}

func (c *checker) checkOrganisations() error {
	check := func(where string, row []value) {
		no, from := partyNo(row[0]), asInt(row[1])
		c.at(from, wroteOrg, "%s of party %d", where, no)
		if c.party(no, false, "%s", where); int(no) < len(c.kinds) && c.kinds[no] > fullmakt.KindOrganisation {
			c.found(editedHint, "%s: party %d is no organisation", where, no)
		}
		o, ok := parseBody(no, asBytes(row[2]), c.codes)
		if !ok {
			c.found(damageHint, "%s: the version of party %d from revision %d cannot be read", where, no, from)
			return
		}
		if o.Parent != 0 {
			c.party(o.Parent, true, "%s: party %d at revision %d", where, no, from)
			c.related(o.Parent, no)
		}
		for i, r := range o.Roles {
			c.party(r.Holder, true, "%s: party %d at revision %d", where, no, from)
			if i == 0 || o.Roles[i-1].Holder != r.Holder {
				c.related(r.Holder, no)
			}
		}
	}
	err := c.s.each(c.ctx, "SELECT party, from_seq, body FROM org_now ORDER BY party", nil, func(row []value) error {
		check("org_now", row)
		return nil
	})
	if err != nil {
		return err
	}
	var no, end int64
	err = c.s.each(c.ctx, "SELECT party, from_seq, body, to_seq FROM org_past ORDER BY party, from_seq", nil, func(row []value) error {
		check("org_past", row)
		from, to := asInt(row[1]), asInt(row[3])
		if from >= to || asInt(row[0]) == no && from < end {
			c.found(editedHint, "org_past: the versions of party %d overlap at revision %d", asInt(row[0]), from)
		}
		no, end = asInt(row[0]), to
		return nil
	})
	if err != nil {
		return err
	}
	return c.s.each(c.ctx, "SELECT n.party, n.from_seq FROM org_past p JOIN org_now n ON n.party = p.party AND n.from_seq < p.to_seq", nil, func(row []value) error {
		c.found(editedHint, "org_now: the version of party %d from revision %d overlaps an earlier one", asInt(row[0]), asInt(row[1]))
		return nil
	})
}

func (c *checker) checkFacts() error {
	for _, t := range []struct {
		fact *fact
		kind int64
	}{
		{&personFact, wrotePerson}, {&userFact, wroteUser}, {&systemUserFact, wroteSystemUser}, {&grantFact, wroteGrant},
		{&agentFact, wroteAgent}, {&delegationFact, wroteDelegation}, {&scopeFact, wroteScope}, {&documentFact, wroteDocument},
		{&feedFact, wroteFeed}, {&catalogueFact, wroteCatalogue},
	} {
		f := t.fact
		var last []value
		var end value
		err := c.s.each(c.ctx, "SELECT from_seq, to_seq, "+f.columns()+" ORDER BY "+f.order(), nil, func(row []value) error {
			key := slices.Clone(row[2 : 2+len(f.key)])
			from, to := asInt(row[0]), asInt(row[1])
			c.at(from, t.kind, "%s of %v", f.table, key)
			if row[1] != nil && to <= from || slices.Equal(key, last) && (end == nil || from < asInt(end)) {
				c.found(editedHint, "%s: the versions of %v overlap at revision %d", f.table, key, from)
			}
			last, end = key, row[1]
			switch v := f.change(row[2:]).(type) {
			case fullmakt.Person:
				c.party(v.Party, false, "%s", f.table)
			case fullmakt.EnterpriseUser:
				c.party(v.Party, false, "%s", f.table)
				c.party(v.Owner, true, "%s", f.table)
			case fullmakt.SystemUser:
				c.party(v.Party, false, "%s", f.table)
				c.party(v.Owner, true, "%s", f.table)
			case fullmakt.Grant:
				c.party(v.From, false, "%s", f.table)
				c.party(v.To, false, "%s", f.table)
				c.related(v.To, v.From)
			case fullmakt.Agent:
				c.party(v.Provider, false, "%s", f.table)
				c.party(v.Agent, false, "%s", f.table)
				c.related(v.Agent, v.Provider)
			case fullmakt.ClientDelegation:
				for _, no := range []fullmakt.PartyNo{v.Provider, v.Client, v.Agent} {
					c.party(no, false, "%s", f.table)
				}
				c.related(v.Agent, v.Client)
			case fullmakt.ScopeGrant:
				c.party(v.From, false, "%s", f.table)
				c.party(v.To, false, "%s", f.table)
			case fullmakt.Document:
				for _, no := range v.Parties {
					c.party(no, false, "%s %v", f.table, key)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return c.checkDocumentParties()
}

// checkDocumentParties compares who each document names with where it is found.
func (c *checker) checkDocumentParties() error {
	const (
		named = "SELECT DISTINCT j.value AS party, v.kind, v.id, v.from_seq FROM document_version v, json_each(CASE WHEN json_valid(parties) THEN parties ELSE '[]' END) j"
		found = "SELECT party, kind, id, from_seq FROM document_party"
	)
	err := c.s.each(c.ctx, named+" EXCEPT "+found, nil, func(row []value) error {
		c.found(editedHint, "document_party: party %d of the %s document %q at revision %d is missing", asInt(row[0]), asString(row[1]), asString(row[2]), asInt(row[3]))
		return nil
	})
	if err != nil {
		return err
	}
	err = c.s.each(c.ctx, found+" EXCEPT "+named, nil, func(row []value) error {
		c.found(editedHint, "document_party: party %d is not one of the %s document %q at revision %d", asInt(row[0]), asString(row[1]), asString(row[2]), asInt(row[3]))
		return nil
	})
	if err != nil {
		return err
	}
	return c.s.each(c.ctx, "SELECT kind, id, from_seq FROM document_version WHERE NOT json_valid(parties)", nil, func(row []value) error {
		c.found(damageHint, "document_version: the parties of the %s document %q at revision %d cannot be read", asString(row[0]), asString(row[1]), asInt(row[2]))
		return nil
	})
}
