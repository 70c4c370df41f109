package sqlite

import (
	"context"

	"github.com/fullmakt/fullmakt"
)

// parties reads the parties that a WHERE or ORDER BY clause names. A tombstone
// is yielded as a Purge.
func (db *DB) parties(ctx context.Context, s *session, clause string, args []value, yield func(fullmakt.Change) error) error {
	return s.each(ctx, "SELECT no, kind, org, uuid, cipher, name FROM party "+clause, args, func(row []value) error {
		p := fullmakt.Party{No: partyNo(row[0]), Name: asString(row[5])}
		switch kind := fullmakt.PartyKind(asInt(row[1])); kind {
		case fullmakt.KindUnknown:
			return yield(fullmakt.Purge{Party: p.No})
		case fullmakt.KindOrganisation:
			p.ID = fullmakt.OrganisationID(fullmakt.OrgNumber(asInt(row[2])))
		default:
			var err error
			if p.ID, err = db.secrets.open(p.No, asBytes(row[4])); err != nil {
				if changed := db.keyStands(ctx, s); changed != nil {
					return changed
				}
				return err
			}
		}
		copy(p.UUID[:], asBytes(row[3]))
		return yield(p)
	})
}

// some reads the parties of a clause, leaving out tombstones.
func (db *DB) some(ctx context.Context, clause string, args ...value) (found []fullmakt.Party, err error) {
	err = db.read(ctx, func(s *session) error {
		return db.parties(ctx, s, clause, args, func(c fullmakt.Change) error {
			if p, ok := c.(fullmakt.Party); ok {
				found = append(found, p)
			}
			return nil
		})
	})
	return found, err
}

// Parties returns those of nos that are parties, ordered by number, each once. Unknown and purged
// numbers are left out.
func (db *DB) Parties(ctx context.Context, nos []fullmakt.PartyNo) ([]fullmakt.Party, error) {
	return db.some(ctx, "WHERE no IN (SELECT value FROM json_each(?)) ORDER BY no", numberList(nos))
}

// PartyByUUID returns the party with a UUID, and whether there is one.
func (db *DB) PartyByUUID(ctx context.Context, u fullmakt.UUID) (p fullmakt.Party, ok bool, err error) {
	found, err := db.some(ctx, "WHERE no IN (?1, (SELECT no FROM party_uuid WHERE uuid = ?2)) AND uuid = ?2", int64(uuidParty(u)), u[:])
	if err != nil || len(found) == 0 {
		return p, false, err
	}
	return found[0], true, nil
}

// PartiesNamed returns at most limit parties whose name, folded by
// fullmakt.FoldName, is that of name, ordered by number. It is a look-up after
// IndexNames, before that a reading of all parties.
func (db *DB) PartiesNamed(ctx context.Context, name string, limit int) (found []fullmakt.Party, err error) {
	folded := fullmakt.FoldName(name)
	err = db.read(ctx, func(s *session) error {
		return db.parties(ctx, s, "WHERE name_hash = ? ORDER BY no", []value{nameHash(folded)}, func(c fullmakt.Change) error {
			if len(found) >= limit {
				return errStop
			}
			// A hash of 32 bits has other names too.
			if p, ok := c.(fullmakt.Party); ok && fullmakt.FoldName(p.Name) == folded {
				found = append(found, p)
			}
			return nil
		})
	})
	return found, err
}

// IndexNames makes the index that PartiesNamed looks names up by, if it is not
// there. It takes the write lock while it works: seconds for the whole register,
// which is why it is done after the load and not within it.
func (db *DB) IndexNames(ctx context.Context) error {
	return db.write(ctx, func(s *session) (bool, error) {
		return true, s.exec(ctx, "CREATE INDEX IF NOT EXISTS party_name ON party (name_hash) WHERE name_hash IS NOT NULL")
	})
}

// Identify returns the number of the party with an identity, and whether there
// is one.
func (db *DB) Identify(ctx context.Context, id fullmakt.PartyID) (no fullmakt.PartyNo, ok bool, err error) {
	if checkIdentity(id) != "" {
		return 0, false, nil
	}
	err = db.read(ctx, func(s *session) error {
		var n int64
		if id.Kind == fullmakt.KindOrganisation {
			n, err = s.integer(ctx, "SELECT no FROM party WHERE org = ? AND kind = 1", int64(id.Org))
		} else {
			ident := db.secrets.identOf(appendIdentity(nil, id))
			n, err = s.integer(ctx, "SELECT no FROM party WHERE ident = ?", ident[:])
			if n == 0 && err == nil {
				err = db.keyStands(ctx, s) // under another key nobody would be known
			}
		}
		no, ok = fullmakt.PartyNo(n), n != 0
		return err
	})
	return no, ok, err
}
