package sqlite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// fact describes a table of versions: the columns that say what the version is
// of, those that say what it says, and how a row becomes a change. from_seq and
// to_seq come with each.
type fact struct {
	table     string
	key, says []string
	change    func(row []driver.Value) fullmakt.Change // of key, then says
	// worth is a condition on the versions that a state is made of; the others
	// say what holds anyway.
	worth string
}

var (
	personFact = fact{
		table: "person_version", key: []string{"party"}, says: []string{"dead"}, worth: " AND dead = 1",
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.Person{Party: partyNo(r[0]), Dead: asInt(r[1]) != 0}
		},
	}
	userFact = fact{
		table: "user_version", key: []string{"party"}, says: []string{"owner", "ended"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.EnterpriseUser{Party: partyNo(r[0]), Owner: partyNo(r[1]), Ended: asInt(r[2]) != 0}
		},
	}
	feedFact = fact{
		table: "feed_version", key: []string{"name"}, says: []string{"cursor", "stale"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.Feed{Name: asString(r[0]), Cursor: asString(r[1]), Stale: asString(r[2])}
		},
	}
	catalogueFact = fact{
		table: "catalogue_version", key: []string{"name"}, says: []string{"digest"},
		change: func(r []driver.Value) fullmakt.Change { return fullmakt.CatalogueUse{Digest: asString(r[1])} },
	}
)

func partyNo(v driver.Value) fullmakt.PartyNo { return fullmakt.PartyNo(asInt(v)) }

// value is a column of a fact: an int64, a string or bytes.
type value = driver.Value

// sameValues compares what two versions say.
func sameValues(a, b []value) bool {
	return slices.EqualFunc(a, b, func(a, b value) bool {
		if x, ok := a.([]byte); ok {
			y, ok := b.([]byte)
			return ok && bytes.Equal(x, y)
		}
		return a == b
	})
}

func number[T ~uint32 | ~int64](n T) value { return int64(n) }

func flag(b bool) value {
	if b {
		return int64(1)
	}
	return int64(0)
}

func text[T ~string](s T) value { return string(s) }

// where returns "k1 = ? AND k2 = ?".
func (f *fact) where() string { return strings.Join(f.key, " = ? AND ") + " = ?" }

// order returns the order by key, and by age within it.
func (f *fact) order() string { return strings.Join(f.key, ", ") + ", from_seq" }

// columns returns the columns that change reads, and the table they are from.
func (f *fact) columns() string {
	return strings.Join(f.key, ", ") + ", " + strings.Join(f.says, ", ") + " FROM " + f.table
}

// selected returns the SELECT of those columns.
func (f *fact) selected() string { return "SELECT " + f.columns() }

// current reads what is in force, or nil.
func (a *appender) current(f *fact, key []value) (from int64, says []value, err error) {
	row, err := a.s.one(a.ctx, "SELECT from_seq, "+strings.Join(f.says, ", ")+" FROM "+f.table+
		" WHERE "+f.where()+" AND to_seq IS NULL", key...)
	if err != nil || row == nil {
		return 0, nil, err
	}
	return asInt(row[0]), row[1:], nil
}

// putFact makes says the version of key from this revision on, unless it is so already.
func (a *appender) putFact(f *fact, wrote int, key, says []value) error {
	from, was, err := a.current(f, key)
	if err != nil {
		return err
	}
	if was != nil && sameValues(was, says) {
		return nil
	}
	a.wrote |= wrote
	if was != nil && from == int64(a.seq) { // said otherwise earlier in this revision
		return a.s.exec(a.calm, "UPDATE "+f.table+" SET "+strings.Join(f.says, " = ?, ")+" = ? WHERE "+f.where()+" AND to_seq IS NULL",
			append(append([]value{}, says...), key...)...)
	}
	if was != nil {
		if err := a.s.exec(a.calm, "UPDATE "+f.table+" SET to_seq = ? WHERE "+f.where()+" AND to_seq IS NULL",
			append([]value{int64(a.seq)}, key...)...); err != nil {
			return err
		}
	}
	a.written++
	row := append(append(append([]value{}, key...), says...), int64(a.seq))
	return a.s.exec(a.calm, fmt.Sprintf("INSERT INTO %s (%s, %s, from_seq) VALUES (%s?)", f.table,
		strings.Join(f.key, ", "), strings.Join(f.says, ", "), strings.Repeat("?, ", len(row)-1)), row...)
}

func (a *appender) putPerson(p fullmakt.Person) error {
	if err := a.subject(p.Party, wantHuman); err != nil {
		return err
	}
	if !p.Dead { // alive is what is in force when nothing is said
		if _, was, err := a.current(&personFact, []value{number(p.Party)}); err != nil || was == nil {
			return err
		}
	}
	return a.putFact(&personFact, wrotePerson, []value{number(p.Party)}, []value{flag(p.Dead)})
}

func (a *appender) putUser(u fullmakt.EnterpriseUser) error {
	if err := a.subject(u.Party, wantUser); err != nil {
		return err
	}
	if err := a.seen.want(u.Owner, wantAny); err != nil {
		return err
	}
	return a.putFact(&userFact, wroteUser, []value{number(u.Party)}, []value{number(u.Owner), flag(u.Ended)})
}

// subject checks that no is a party that a fact may rest on, of a kind that want
// allows: one of the bits want… of seen, or wantAny for every kind.
func (a *appender) subject(no fullmakt.PartyNo, want uint16) error {
	if err := a.seen.want(no, wantAny|want); err != nil || no >= a.head.NextParty {
		return err
	}
	is, err := a.s.integer(a.ctx, "SELECT kind FROM party WHERE no = ?", int64(no))
	if err != nil {
		return err
	}
	if is == 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d was purged: nothing can rest on it", no)
	}
	if kinds := wrongKind(fullmakt.PartyKind(is), want); kinds != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d is of kind %s, not of %v", no, fullmakt.PartyKind(is), kinds)
	}
	return nil
}

// FactsAt returns the versions in force at revision seq that are about the
// parties nos: of persons known to be dead, enterprise users, system users and
// organisations, then the grants and agent relations from or to any of them, the
// client delegations for any of them as the client, and the scope grants from or
// to any of them, each once and in this order. What a provider delegated, and what
// an agent may do, is found from the clients, since of one provider's there may be
// a hundred thousand; documents are read by Documents. A party without a version
// then has none in the answer. The error has code CodeStale when the store has not
// reached seq.
func (db *DB) FactsAt(ctx context.Context, seq fullmakt.Seq, nos []fullmakt.PartyNo) (facts []fullmakt.Change, err error) {
	return db.factsAt(ctx, seq, nos, true)
}

// GivenAt returns what FactsAt does, but of what is given only that from one of
// the parties, not that to one: what a question on behalf of them needs, which an
// accountant with thousands of clients does not make long.
func (db *DB) GivenAt(ctx context.Context, seq fullmakt.Seq, nos []fullmakt.PartyNo) (facts []fullmakt.Change, err error) {
	return db.factsAt(ctx, seq, nos, false)
}

func (db *DB) factsAt(ctx context.Context, seq fullmakt.Seq, nos []fullmakt.PartyNo, received bool) (facts []fullmakt.Change, err error) {
	err = db.read(ctx, func(s *session) error {
		if err := s.reached(ctx, seq); err != nil {
			return err
		}
		list := numberList(nos)
		versions := func(f *fact, column ...string) error {
			args := []value{int64(seq), int64(seq)}
			if !received {
				column = column[:1]
			}
			for range column {
				args = append(args, list)
			}
			which := "(" + strings.Join(column, among+" OR ") + among + ")"
			return s.each(ctx, f.selected()+" WHERE from_seq <= ? AND (to_seq IS NULL OR to_seq > ?) AND "+which+f.worth+
				" ORDER BY "+strings.Join(f.key, ", "), args, func(row []value) error {
				facts = append(facts, f.change(row))
				return nil
			})
		}
		for _, f := range []*fact{&personFact, &userFact, &systemUserFact} {
			if err := versions(f, "party"); err != nil {
				return err
			}
		}
		err := db.organisations(ctx, s, seq, list, func(o fullmakt.Organisation) { facts = append(facts, o) })
		if err != nil {
			return err
		}
		if err := versions(&grantFact, "giver", "receiver"); err != nil {
			return err
		}
		if err := versions(&agentFact, "provider", "agent"); err != nil {
			return err
		}
		if err := versions(&delegationFact, "client"); err != nil {
			return err
		}
		return versions(&scopeFact, "giver", "receiver")
	})
	if err != nil {
		return nil, err
	}
	return facts, nil
}

// among is the condition that a column is one of a numberList.
const among = " IN (SELECT value FROM json_each(?))"

// OrganisationsAt returns, by number, the versions of organisations among nos
// that were in force at revision seq: of what FactsAt returns the part that a
// register feed is about. The error has code CodeStale when the store has not
// reached seq.
func (db *DB) OrganisationsAt(ctx context.Context, seq fullmakt.Seq, nos []fullmakt.PartyNo) (all []fullmakt.Organisation, err error) {
	err = db.read(ctx, func(s *session) error {
		if err := s.reached(ctx, seq); err != nil {
			return err
		}
		return db.organisations(ctx, s, seq, numberList(nos), func(o fullmakt.Organisation) { all = append(all, o) })
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (db *DB) organisations(ctx context.Context, s *session, seq fullmakt.Seq, list value, found func(fullmakt.Organisation)) error {
	codes, err := db.codes.current(ctx, s)
	if err != nil {
		return err
	}
	return s.each(ctx, "SELECT party, body FROM org_now WHERE from_seq <= ? AND party"+among+
		" UNION ALL SELECT party, body FROM org_past WHERE from_seq <= ? AND to_seq > ? AND party"+among+" ORDER BY 1",
		[]value{int64(seq), list, int64(seq), int64(seq), list}, func(row []value) error {
			o, err := parseRow(row, codes)
			found(o)
			return err
		})
}

// parseRow reads an organisation version from (party, body).
func parseRow(row []value, codes []string) (fullmakt.Organisation, error) {
	o, ok := parseBody(partyNo(row[0]), asBytes(row[1]), codes)
	if !ok {
		return o, fullmakt.Errorf(fullmakt.CodeUnavailable, "organisation %d: the stored version cannot be read", partyNo(row[0])).
			WithHint("%s", doctorHint)
	}
	return o, nil
}
