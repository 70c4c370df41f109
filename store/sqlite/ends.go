package sqlite

import (
	"context"

	"github.com/fullmakt/fullmakt"
)

// Clients returns, sorted, the parties for which an agent was ever delegated
// something: those whose changes may end a client delegation.
func (db *DB) Clients(ctx context.Context) (nos []fullmakt.PartyNo, err error) {
	err = db.read(ctx, func(s *session) error {
		return s.each(ctx, "SELECT DISTINCT client FROM delegation_version WHERE to_seq IS NULL ORDER BY client", nil, func(row []value) error {
			nos = append(nos, partyNo(row[0]))
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return nos, nil
}

// DelegationsTo returns the versions of client delegations to any of some agents
// that were in force at revision seq, by client: what FactsAt leaves out. The error
// has code CodeStale when the store has not reached seq.
func (db *DB) DelegationsTo(ctx context.Context, seq fullmakt.Seq, agents []fullmakt.PartyNo) (all []fullmakt.ClientDelegation, err error) {
	err = db.read(ctx, func(s *session) error {
		if err := s.reached(ctx, seq); err != nil {
			return err
		}
		return s.each(ctx, delegationFact.selected()+" WHERE from_seq <= ? AND (to_seq IS NULL OR to_seq > ?) AND agent"+among+delegationFact.worth+" ORDER BY client, agent, provider, package, role",
			[]value{int64(seq), int64(seq), numberList(agents)}, func(row []value) error {
				all = append(all, delegationFact.change(row).(fullmakt.ClientDelegation))
				return nil
			})
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
