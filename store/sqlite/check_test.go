package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// checkedWorld has something in every table.
func checkedWorld(t *testing.T) []fullmakt.Change {
	number := fullmakt.NextOrgNumber(31_000_001)
	given := fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_002)), Name: "Trondheim AS", UUID: fullmakt.UUID{9}}
	return []fullmakt.Change{
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(number), Name: "Bergen AS"}, given, kari(t, 3),
		fullmakt.Party{No: 4, ID: fullmakt.EnterpriseUserID(number, "bruker"), Name: "bruker"},
		fullmakt.Organisation{Party: 1, Form: "AS", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 2}}},
		fullmakt.Organisation{Party: 2, Form: "AS", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 3}}},
		fullmakt.Person{Party: 3, Dead: true},
		fullmakt.EnterpriseUser{Party: 4, Owner: 1},
		fullmakt.Grant{From: 1, To: 4, Role: fullmakt.ECKEY},
		fullmakt.Party{No: 5, ID: fullmakt.SystemUserID(number, "system", "ref"), Name: "system/ref"},
		fullmakt.SystemUser{Party: 5, Owner: 1, Agent: true},
		fullmakt.Agent{Provider: 2, Agent: 3},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 5, Package: "lonn", Role: fullmakt.REGN},
		fullmakt.ScopeGrant{From: 1, To: 2, Scheme: "s"},
		fullmakt.Document{Kind: fullmakt.DocumentResource, ID: "skjema", Parties: []fullmakt.PartyNo{1}, Body: []byte("{}")},
		fullmakt.Feed{Name: "bulk", Cursor: "1"},
		fullmakt.CatalogueUse{Digest: "d"},
	}
}

func TestCheckFindsWhatWasTamperedWith(t *testing.T) {
	for _, test := range []struct{ name, change, finds string }{
		{"nothing", "SELECT 1", ""},
		{"a revision gone", "DELETE FROM revision WHERE seq = 1", "revision: number 2 follows 0"},
		{"time running backwards", "UPDATE revision SET at = 0 WHERE seq = 2", "revision 2: made before revision 1"},
		{"a party gone", "DELETE FROM party WHERE no = 2", "party: number 3 follows 1"},
		{"the last party gone", "DELETE FROM party WHERE no = 5", "the highest number is 4"},
		{"another identity", "UPDATE party SET ident = zeroblob(16) WHERE no = 3", "party 3: its identity is not what it is looked up by"},
		{"a spoilt identity", "UPDATE party SET cipher = zeroblob(40) WHERE no = 3", "party 3: the stored identity does not decrypt"},
		{"an identity moved", "UPDATE party SET cipher = (SELECT cipher FROM party WHERE no = 3) WHERE no = 4", "party 4: the stored identity does not decrypt"},
		{"a renamed party", "UPDATE party SET name = 'x' WHERE no = 1", "party 1: not found by its name"},
		{"a UUID moved", "DELETE FROM party_uuid", "party 2: not found by its UUID"},
		{"half a purge", "UPDATE party SET kind = 0 WHERE no = 3", "party 3: purged, but not all of it is erased"},
		{"a version of nobody", "INSERT INTO org_now VALUES (99, 1, x'0000000000')", "names party 99"},
		{"a version of a person", "INSERT INTO org_now VALUES (3, 1, x'0000000000')", "party 3 is no organisation"},
		{"an unknown holder", "UPDATE org_now SET body = x'0000000000A10600' WHERE party = 1", "names party 200"},
		{"a torn version", "UPDATE org_now SET body = x'00' WHERE party = 1", "cannot be read"},
		{"an unknown code", "UPDATE org_now SET body = x'7F00000000' WHERE party = 1", "cannot be read"},
		{"versions that overlap", "UPDATE org_past SET to_seq = 9", "overlaps an earlier one"},
		{"a version that ends before it begins", "UPDATE org_past SET to_seq = 1", "overlap"},
		{"a version out of the log", "UPDATE org_now SET from_seq = 77 WHERE party = 2", "revision 77 does not know of it"},
		{"a fact out of the log", "UPDATE revision SET kinds = kinds & ~4", "person_version of [3]: revision 1 does not know of it"},
		{"a grant to nobody", "UPDATE grant_version SET receiver = 50", "names party 50"},
		{"an agent that nobody is", "UPDATE agent_version SET agent = 51", "agent_version: names party 51"},
		{"a delegation by nobody", "UPDATE delegation_version SET provider = 52", "delegation_version: names party 52"},
		{"a delegation to another", "UPDATE delegation_version SET agent = 3", "related: party 3 at party 1 is missing"},
		{"a scope grant to nobody", "UPDATE scope_version SET receiver = 53", "scope_version: names party 53"},
		{"a system user of nobody", "UPDATE system_user_version SET owner = 54", "system_user_version: names party 54"},
		{"a document about nobody", "UPDATE document_version SET parties = '[55]'", "names party 55"},
		{"a document not found by its party", "DELETE FROM document_party", "party 1 of the resource document \"skjema\" at revision 1 is missing"},
		{"a document found by another", "INSERT INTO document_party VALUES (2, 'resource', 'skjema', 1)", "party 2 is not one of the resource document"},
		{"torn parties", "UPDATE document_version SET parties = '['", "cannot be read"},
		{"a document out of the log", "UPDATE document_version SET from_seq = 78", "document_version of [resource skjema]: revision 78 does not know of it"},
		{"a feed twice", "DROP INDEX feed_version_open; UPDATE feed_version SET to_seq = NULL", "feed_version: the versions of [bulk] overlap"},
		{"relations gone", "DELETE FROM related", "related: party 2 at party 1 is missing"},
		{"torn relations", "UPDATE related SET pairs = x'FF'", "cannot be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			appendTo(t, db, 0, checkedWorld(t)...)
			appendTo(t, db, 1, fullmakt.Organisation{Party: 1, Form: "ASA", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 2}}},
				fullmakt.Feed{Name: "bulk", Cursor: "2"})
			raw, err := sql.Open("sqlite", filepath.Join(dir, "store.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Exec(test.change); err != nil {
				t.Fatal(err)
			}
			steps := 0
			findings, err := db.Check(t.Context(), func(string, int, int) { steps++ })
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, f := range findings {
				all = append(all, f.What)
				if f.Hint == "" {
					t.Errorf("%q has no hint", f.What)
				}
			}
			said := strings.Join(all, "\n")
			if test.finds == "" && said != "" || !strings.Contains(said, test.finds) {
				t.Errorf("found %q, want %q", said, test.finds)
			}
			if steps < 2 || strings.Contains(said, kariNumber) {
				t.Errorf("%d steps told; findings %q", steps, said)
			}
		})
	}
}

func TestCheckFindsADamagedFile(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var many []fullmakt.Change
	for no := fullmakt.PartyNo(1); no < 2000; no++ {
		many = append(many, fullmakt.Party{No: no, ID: fullmakt.OrganisationID(300_000_000 + fullmakt.OrgNumber(no)), Name: strings.Repeat("navn ", 10)})
	}
	appendTo(t, db, 0, many...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "store.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Spoil the page that holds a party in the middle.
	at := strings.LastIndex(string(b), "navn navn")
	if at < 0 {
		t.Fatal("no party in the file")
	}
	page := at / 4096 * 4096
	for i := range 64 {
		b[page+i] = 0xEE
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err = sqlite.Open(t.Context(), path, sqlite.Key{7})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	findings, err := db.Check(t.Context(), nil)
	if err != nil || len(findings) == 0 || findings[0].Hint == "" {
		t.Errorf("findings %v, error %v", findings, err)
	}
}
