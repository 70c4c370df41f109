package sqlite

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

func TestClientsAndDelegationsTo(t *testing.T) {
	ctx := t.Context()
	db, err := OpenMemory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	at := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	store := func(after fullmakt.Seq, changes ...fullmakt.Change) {
		t.Helper()
		_, err := db.Append(ctx, after, at, "test", func(yield func(fullmakt.Change, error) bool) {
			for _, c := range changes {
				if !yield(c, nil) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var parties []fullmakt.Change
	for no := fullmakt.PartyNo(1); no <= 4; no++ {
		parties = append(parties, fullmakt.Party{No: no, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_000 + uint32(no)*10)), Name: "X"})
	}
	for n, individual := fullmakt.PartyNo(5), 1; n <= 6; individual++ {
		if id, ok := fullmakt.SyntheticNationalID(1, 1, 70, individual); ok {
			parties = append(parties, fullmakt.Party{No: n, ID: fullmakt.PersonID(id), Name: "Y"})
			n++
		}
	}
	a := fullmakt.ClientDelegation{Provider: 1, Client: 3, Agent: 5, Package: "p", Role: "REGN"}
	b := fullmakt.ClientDelegation{Provider: 1, Client: 2, Agent: 5, Package: "p"}
	other := fullmakt.ClientDelegation{Provider: 1, Client: 2, Agent: 6, Package: "p"}
	store(0, append(parties, a, b, other)...)
	ended := a
	ended.Ended, ended.Cause = true, fullmakt.CauseRegister
	store(1, ended)

	clients, err := db.Clients(ctx)
	if diff := cmp.Diff([]fullmakt.PartyNo{2, 3}, clients); err != nil || diff != "" {
		t.Errorf("clients: %v\n%s", err, diff)
	}
	got, err := db.DelegationsTo(ctx, 1, []fullmakt.PartyNo{5, 4})
	if diff := cmp.Diff([]fullmakt.ClientDelegation{b, a}, got); err != nil || diff != "" {
		t.Errorf("to 5 at revision 1: %v\n%s", err, diff)
	}
	if got, err = db.DelegationsTo(ctx, 2, []fullmakt.PartyNo{5}); err != nil || len(got) == 0 || got[0] != b {
		t.Errorf("to 5 at revision 2: %v, %+v", err, got)
	}
	if _, err := db.DelegationsTo(ctx, 3, nil); fullmakt.ErrorCode(err) != fullmakt.CodeStale {
		t.Errorf("at a revision to come: %v", err)
	}
}
