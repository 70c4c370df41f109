package delegation

import (
	"fmt"
	"iter"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// A right holder (rettighetshaver) of a party is one that it has named to give to.
// Being one confers nothing; it only makes a person known to the giver, so that
// what follows need not name it by identity number again (rule GIVE-3).

// AddRightHolder returns the change that makes To a right holder of From; nothing
// when it is one already. By who administers From. Items and Valid of the command
// are not read.
func (a *Acting) AddRightHolder(c Give) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) && a.give3(&rs, &c) && !a.administers(c.From) {
		rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive1, Party: c.From}, "the actor does not administer the party that gives")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	if IsRightHolder(a.Snapshot, c.From, c.To) {
		return &Outcome{}, nil
	}
	return &Outcome{Changes: []fullmakt.Change{rightHolder(c.From, c.To)}}, nil
}

// RemoveRightHolder ends that To is a right holder of From and everything that From
// gave it: on the giver's side as Revoke, or on the receiver's, when renounce is
// set, as Renounce. Items of the command are not read.
func (a *Acting) RemoveRightHolder(c Revoke, renounce bool) (*Outcome, error) {
	c.Items, c.All = nil, true
	named := IsRightHolder(a.Snapshot, c.From, c.To)
	run := a.Revoke
	if renounce {
		run = a.Renounce
	}
	out, err := run(c)
	if named && onlyFromRegister(err) {
		// The role in the register stays; that it was named as well does not.
		out, err = &Outcome{}, nil
	}
	if err != nil || !named {
		return out, err
	}
	end := rightHolder(c.From, c.To)
	end.Ended = true
	out.Changes = append(out.Changes, end)
	return out, nil
}

// onlyFromRegister reports whether a command was refused for rule GIVE-5 alone.
func onlyFromRegister(err error) bool {
	rs := Refusals(err)
	return len(rs) == 1 && rs[0].Reason == fullmakt.ReasonFromRegister
}

// IsRightHolder reports whether a party is named as a right holder of another.
func IsRightHolder(s *index.Snapshot, from, to fullmakt.PartyNo) bool {
	_, ok := s.Document(fullmakt.DocumentRightHolder, rightHolderID(from, to))
	return ok
}

// RightHolders yields whom a party has named as its right holders, and who has
// named it as theirs: of each pair, first who gives.
func RightHolders(s *index.Snapshot, p fullmakt.PartyNo) iter.Seq2[fullmakt.PartyNo, fullmakt.PartyNo] {
	return func(yield func(from, to fullmakt.PartyNo) bool) {
		for d := range s.DocumentsOf(fullmakt.DocumentRightHolder, p) {
			var from, to fullmakt.PartyNo
			if _, err := fmt.Sscanf(d.ID, "%d-%d", &from, &to); err == nil && !yield(from, to) {
				return
			}
		}
	}
}

func rightHolderID(from, to fullmakt.PartyNo) string { return fmt.Sprintf("%d-%d", from, to) }

func rightHolder(from, to fullmakt.PartyNo) fullmakt.Document {
	parties := []fullmakt.PartyNo{from, to}
	slices.Sort(parties)
	return fullmakt.Document{Kind: fullmakt.DocumentRightHolder, ID: rightHolderID(from, to), Parties: parties, Body: []byte("{}")}
}
