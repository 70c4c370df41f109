package node

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

// stagedChanges are records that use every part of the encoding.
func stagedChanges() []fullmakt.RegisterChange {
	born := fullmakt.NewDate(1970, 1, 12)
	open := fullmakt.SourceOpenData
	return []fullmakt.RegisterChange{
		{Source: open, Org: oslo, Has: fullmakt.HasName | fullmakt.HasForm | fullmakt.HasState | fullmakt.HasParent,
			Name: "OSLO SÆRFORETAK", Form: "SÆR", Parent: bergen, State: fullmakt.Bankrupt | fullmakt.Deleted, DeletedOn: fullmakt.NewDate(1899, 1, 1)},
		{Source: open, Org: bergen, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{
			{Code: "FFØR", Holder: fullmakt.OrganisationID(trondheim), HolderName: "TRONDHEIM AS", HolderDeleted: true, Since: 45000},
			{Code: "DAGL", Holder: fullmakt.OpenPersonID(born, "Kari  Nordmann"), HolderName: "Kari  Nordmann", HolderDead: true, Since: 45000},
			{Code: "MEDL", Holder: fullmakt.PartyID{Kind: fullmakt.KindPerson, Born: born, Name: "another folding"}, HolderName: "Ola Nordmann", Ended: true},
		}},
		{Source: open, Org: trondheim, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{}},
	}
}

func mustStage(t *testing.T, dir string) *stage {
	t.Helper()
	s, err := openStage(dir, enhetsregisteret.KindRoles, sha256.Sum256([]byte("the source")))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, s *stage) []fullmakt.RegisterChange {
	t.Helper()
	var all []fullmakt.RegisterChange
	r := s.reader()
	for _, entry := range s.table {
		change, err := r.at(entry)
		if err != nil {
			t.Fatal(err)
		}
		if change.Roles != nil {
			change.Roles = append([]fullmakt.RegisterRole{}, change.Roles...)
		}
		all = append(all, change)
	}
	return all
}

func TestStaging(t *testing.T) {
	dir := t.TempDir()
	s := mustStage(t, dir)
	changes := stagedChanges()
	for i := range changes {
		if err := s.add(&changes[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.addReject(Reject{Record: 4, Line: 17, Unit: "310000018", Path: "navn", Reason: "missing"}); err != nil {
		t.Fatal(err)
	}
	if err := s.flush(true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changes, read(t, s)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}

	s = mustStage(t, dir)
	if !s.complete || s.elements != 4 || s.roles != 3 {
		t.Errorf("opened again: complete %t, %d elements, %d roles, want true, 4, 3", s.complete, s.elements, s.roles)
	}
	if diff := cmp.Diff(changes, read(t, s)); diff != "" {
		t.Errorf("opened again (-want +got):\n%s", diff)
	}
	if want := []Reject{{Record: 4, Line: 17, Unit: "310000018", Path: "navn", Reason: "missing"}}; !cmp.Equal(want, s.rejects) {
		t.Errorf("rejects = %+v, want %+v", s.rejects, want)
	}
	s.finish()
	if got := read(t, s); got[0].Org != bergen || got[1].Org != trondheim || got[2].Org != oslo {
		t.Errorf("not in the order of organisation numbers: %v", got)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}

	other, err := openStage(dir, enhetsregisteret.KindRoles, sha256.Sum256([]byte("another source")))
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	if other.elements != 0 || len(other.table) != 0 {
		t.Error("the staging of one source was taken for another's")
	}
}

// TestStagingDamaged cuts a staging file at every byte, and damages every byte:
// what is left is always a prefix of whole frames, and writing can go on.
func TestStagingDamaged(t *testing.T) {
	dir := t.TempDir()
	s := mustStage(t, dir)
	changes := stagedChanges()
	ends := []int64{s.size}
	for i := range changes {
		if err := s.add(&changes[i]); err != nil {
			t.Fatal(err)
		}
		if err := s.flush(i == len(changes)-1); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, s.size)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "roller.stage")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, at int, damaged []byte) {
		t.Helper()
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s := mustStage(t, dir)
		defer s.close()
		frames := 0
		for frames+1 < len(ends) && ends[frames+1] <= int64(at) {
			frames++
		}
		if s.elements != frames || len(s.table) != frames {
			t.Fatalf("%s at byte %d: %d elements, %d records, want %d", what, at, s.elements, len(s.table), frames)
		}
		for i := frames; i < len(changes); i++ {
			if err := s.add(&changes[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.flush(true); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(changes, read(t, s)); diff != "" {
			t.Fatalf("%s at byte %d, and gone on (-want +got):\n%s", what, at, diff)
		}
	}
	step := 1
	if testing.Short() {
		step = 17
	}
	for at := 0; at < len(whole); at += step {
		check("cut", at, whole[:at])
		damaged := append([]byte{}, whole...)
		damaged[at] ^= 0x41
		check("damaged", at, damaged)
	}
}
