package sqlite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// The bounds of a document.
const (
	maxDocumentID   = 512      // bytes of its id, and of its kind
	maxDocumentBody = 16 << 20 // bytes of its body
)

var documentFact = fact{
	table: "document_version", key: []string{"kind", "id"}, says: []string{"parties", "body", "ended"},
	change: func(r []driver.Value) fullmakt.Change {
		return fullmakt.Document{
			Kind: fullmakt.DocumentKind(asString(r[0])), ID: asString(r[1]),
			Parties: parseParties(asString(r[2])), Body: bytes.Clone(asBytes(r[3])), Ended: asInt(r[4]) != 0,
		}
	},
}

// parseParties reads the column parties; nil when it is damaged, which Check finds.
func parseParties(s string) (nos []fullmakt.PartyNo) {
	if json.Unmarshal([]byte(s), &nos) != nil {
		return nil
	}
	return nos
}

func (a *appender) putDocument(d fullmakt.Document) error {
	switch {
	case d.Kind == "" || d.ID == "":
		return fullmakt.Errorf(fullmakt.CodeInvalid, "a document needs a kind and an id")
	case len(d.Kind) > maxDocumentID || len(d.ID) > maxDocumentID || !utf8.ValidString(string(d.Kind)) || !utf8.ValidString(d.ID):
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the kind and the id of a document are UTF-8 of at most %d bytes each", maxDocumentID)
	case len(d.Body) > maxDocumentBody:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the %s document %q has %d bytes; at most %d are kept", d.Kind, d.ID, len(d.Body), maxDocumentBody)
	}
	for _, no := range d.Parties {
		if err := a.subject(no, wantAny); err != nil {
			return err
		}
	}
	parties := append([]fullmakt.PartyNo{}, d.Parties...) // never null
	list, err := json.Marshal(parties)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "document: %w", err)
	}
	body := append([]byte{}, d.Body...) // NULL is not a body
	key := []value{text(d.Kind), text(d.ID)}
	written := a.written
	if err := a.putFact(&documentFact, wroteDocument, key, []value{string(list), body, flag(d.Ended)}); err != nil {
		return err
	}
	if a.written == written { // as it was, or replacing a version of this revision
		if err := a.s.exec(a.calm, "DELETE FROM document_party WHERE kind = ? AND id = ? AND from_seq = ?", append(key, int64(a.seq))...); err != nil {
			return err
		}
	}
	from, _, err := a.current(&documentFact, key)
	if err != nil {
		return err
	}
	for _, no := range parties {
		if err := a.s.exec(a.calm, "INSERT OR IGNORE INTO document_party VALUES (?, ?, ?, ?)", int64(no), key[0], key[1], from); err != nil {
			return err
		}
	}
	return nil
}

// purgeDocuments erases the documents about a party: all versions of one that is
// about it now, and of any other the versions that were.
func (a *appender) purgeDocuments(no fullmakt.PartyNo) error {
	n := int64(no)
	type version struct {
		kind, id string
		from     int64
	}
	var about []version
	err := a.s.each(a.ctx, "SELECT kind, id, from_seq FROM document_party WHERE party = ?", []value{n}, func(row []value) error {
		about = append(about, version{asString(row[0]), asString(row[1]), asInt(row[2])})
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range about {
		now, err := a.s.integer(a.ctx, "SELECT from_seq FROM document_version WHERE kind = ? AND id = ? AND to_seq IS NULL", v.kind, v.id)
		if err != nil {
			return err
		}
		which, args := " WHERE kind = ? AND id = ? AND from_seq = ?", []value{v.kind, v.id, v.from}
		if now == v.from {
			which, args = " WHERE kind = ? AND id = ?", args[:2]
		}
		for _, table := range []string{"document_version", "document_party"} {
			if err := a.s.exec(a.calm, "DELETE FROM "+table+which, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// Documents reads the documents in force at revision seq, of some kinds or with
// none named of all, by kind and id. Each comes with the revision that this
// version is from, and versions that say "ended" are part of it. As with Changes,
// it is one consistent reading and an error comes last; one with code CodeStale
// says that the store has not reached seq.
func (db *DB) Documents(ctx context.Context, seq fullmakt.Seq, kinds ...fullmakt.DocumentKind) iter.Seq2[Entry, error] {
	return stream(db, ctx, func(s *session, yield func(Entry) error) error {
		if err := s.reached(ctx, seq); err != nil {
			return err
		}
		query := "SELECT from_seq, at, kind, id, parties, body, ended FROM document_version JOIN revision ON seq = from_seq" +
			" WHERE from_seq <= ? AND (to_seq IS NULL OR to_seq > ?)"
		args := []value{int64(seq), int64(seq)}
		if len(kinds) > 0 {
			list, err := json.Marshal(kinds)
			if err != nil {
				return fullmakt.Errorf(fullmakt.CodeInternal, "documents: %w", err)
			}
			query, args = query+" AND kind IN (SELECT value FROM json_each(?))", append(args, string(list))
		}
		return s.each(ctx, query+" ORDER BY kind, id", args, func(row []value) error {
			return yield(Entry{fullmakt.Seq(asInt(row[0])), time.Unix(0, asInt(row[1])).UTC(), documentFact.change(row[2:])})
		})
	})
}
