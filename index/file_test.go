package index_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// smallRegister is two organisations and a person with an identity number, and
// one of each that can be given.
func smallRegister(tb testing.TB) *index.Snapshot {
	return build(mustCatalogue(tb), []fullmakt.Change{
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"},
		fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027), Name: "Trondheim AS"},
		fullmakt.Party{No: 3, ID: fullmakt.PersonID(12817010065), Name: "Kari Nordmann"},
		fullmakt.Organisation{Party: 1, Form: "AS", Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 2}}},
		fullmakt.Organisation{Party: 2, Form: "AS", Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 3}}},
		fullmakt.Grant{From: 1, To: 3, Package: "unheard-of", Basis: "GIVE-1 held_via_role"},
		fullmakt.Grant{From: 1, To: 3, Resource: "skjema", Right: "read"},
		fullmakt.Agent{Provider: 2, Agent: 3},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 3, Package: "unheard-of", Role: fullmakt.REGN},
		fullmakt.ScopeGrant{From: 1, To: 2, Scheme: "scopes"},
		fullmakt.Document{Kind: fullmakt.DocumentCredential, ID: "one", Parties: []fullmakt.PartyNo{1}, Body: []byte("a password hash")},
	})
}

// TestDamagedFileIsRefused cuts a snapshot file short at every length and turns
// every byte of it, and wants it refused or read whole and right.
func TestDamagedFileIsRefused(t *testing.T) {
	s := smallRegister(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "snapshot")
	key := [32]byte{7}
	if err := s.WriteFile(path, key); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := mustCatalogue(t)
	refused := func(what string, data []byte) {
		t.Helper()
		damaged := filepath.Join(dir, "damaged")
		if err := os.WriteFile(damaged, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := index.ReadFile(damaged, key, c); err == nil {
			t.Errorf("%s: was read", what)
		} else if code := fullmakt.ErrorCode(err); code != fullmakt.CodeUnavailable && code != fullmakt.CodeConflict {
			t.Errorf("%s: %v has code %s", what, err, code)
		}
	}
	step := len(whole)/300 + 1
	for n := 0; n < len(whole); n += step {
		refused("cut short", whole[:n])
		turned := append([]byte(nil), whole...)
		turned[n] ^= 0x41
		refused("one byte turned", turned)
	}
	refused("empty", nil)
	if _, err := index.ReadFile(path, [32]byte{8}, c); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("another key: %v", err)
	}
	if _, err := index.ReadFile(filepath.Join(dir, "missing"), key, c); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("missing: %v", err)
	}
}

// TestFileHidesIdentityNumbers: the digits of an identity number are nowhere in
// the file, neither as text nor as an integer; nor is what a document says.
func TestFileHidesIdentityNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snapshot")
	if err := smallRegister(t).WriteFile(path, [32]byte{7}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id := uint64(12817010065)
	little := string([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24), byte(id >> 32)})
	for i := range len(data) - 10 {
		if strings.HasPrefix(string(data[i:]), "password") {
			t.Fatalf("what a document says stands at byte %d", i)
		}
		if string(data[i:i+11]) == "12817010065" || string(data[i:i+5]) == little {
			t.Fatalf("the number stands at byte %d", i)
		}
	}
}

// TestIdentifierTableGrows fills the table until pages split and the directory
// doubles, through Apply as well, and finds every number again.
func TestIdentifierTableGrows(t *testing.T) {
	if testing.Short() {
		t.Skip("a million and a half parties")
	}
	const n = 1_500_000
	b := index.NewBuilder(mustCatalogue(t))
	id := func(i int) fullmakt.PartyID {
		if i%3 == 0 {
			return fullmakt.PersonID(fullmakt.NationalID(1_000_000_0000 + 7919*i))
		}
		return fullmakt.OrganisationID(fullmakt.OrgNumber(200_000_000 + 10*i))
	}
	for i := 1; i < n; i++ {
		b.Add(fullmakt.Party{No: fullmakt.PartyNo(i), ID: id(i)})
	}
	s := b.Build(1, epoch)
	var more []fullmakt.Change
	for i := n; i < n+50_000; i++ {
		more = append(more, fullmakt.Party{No: fullmakt.PartyNo(i), ID: id(i)})
	}
	grown := s.Apply(2, epoch, more)
	for i := 1; i < n+50_000; i++ {
		if got := grown.Lookup(id(i)); got != fullmakt.PartyNo(i) {
			t.Fatalf("party %d is found as %d", i, got)
		}
		if got := s.Lookup(id(i)); i >= n && got != 0 || i < n && got != fullmakt.PartyNo(i) {
			t.Fatalf("party %d is found as %d in the older snapshot", i, got)
		}
	}
	if got := grown.Lookup(fullmakt.OrganisationID(999_999_999)); got != 0 {
		t.Errorf("a stranger is found as %d", got)
	}
}

// TestEverySnapshotStays: an older snapshot says after an Apply what it said
// before.
func TestEverySnapshotStays(t *testing.T) {
	s := smallRegister(t)
	before := s.Digest()
	s.Apply(9, epoch, []fullmakt.Change{
		fullmakt.Purge{Party: 2},
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen og Voss AS"},
		fullmakt.Organisation{Party: 1, Form: "ENK"},
		fullmakt.Agent{Provider: 1, Agent: 3},
		fullmakt.Grant{From: 1, To: 3, Resource: "skjema", Right: "write"},
		fullmakt.Document{Kind: fullmakt.DocumentCredential, ID: "one", Ended: true},
	})
	if s.Digest() != before || s.Name(1) != "Bergen AS" || s.Lookup(fullmakt.OrganisationID(310000027)) != 2 {
		t.Error("Apply changed the snapshot it started from")
	}
}
