package index_test

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// far is a company that leads another, and is led by a person, with nobody known of
// a smaller number, as a single check builds them from a register as large as
// Norway's.
func far(first fullmakt.PartyNo) []fullmakt.Change {
	leads := func(holder fullmakt.PartyNo) []fullmakt.Role {
		return []fullmakt.Role{{Code: fullmakt.DAGL, Holder: holder}}
	}
	return []fullmakt.Change{
		fullmakt.Party{No: first, ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"},
		fullmakt.Party{No: first + 1, ID: fullmakt.OrganisationID(310000027), Name: "Trondheim AS"},
		fullmakt.Party{No: first + 2, ID: fullmakt.PersonID(12817010065), Name: "Kari Nordmann"},
		fullmakt.Organisation{Party: first, Form: "AS", Source: fullmakt.SourceCCR, Roles: leads(first + 1)},
		fullmakt.Organisation{Party: first + 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: leads(first + 2)},
	}
}

// BenchmarkBuildFew builds a snapshot of three parties, of small numbers and of
// those that a large register has.
func BenchmarkBuildFew(b *testing.B) {
	c := mustCatalogue(b)
	for name, first := range map[string]fullmakt.PartyNo{"from1": 1, "from3000000": 3_000_000} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				builder := index.NewBuilder(c)
				for _, ch := range far(first) {
					builder.Add(ch)
				}
				if builder.Build(1, epoch).Kind(first) != fullmakt.KindOrganisation {
					b.Fatal("the company is not there")
				}
			}
		})
	}
}

// TestBuildFew: what a snapshot of a few parties takes does not grow with their
// numbers, but for some bytes a page in the tables of pages.
func TestBuildFew(t *testing.T) {
	c := mustCatalogue(t)
	const first = 3_000_000
	near, distant := build(c, far(1)), build(c, far(first))
	// Two pages instead of one, when the numbers happen to lie across their border.
	if n, f := near.Stats().TotalBytes, distant.Stats().TotalBytes; f > 2*n {
		t.Errorf("from %d on they take %d bytes, from 1 on %d", first, f, n)
	}
	if got := distant.Lookup(fullmakt.OrganisationID(310000019)); got != first {
		t.Errorf("the company is %d", got)
	}
	if _, holders, _ := distant.Look(first); len(holders) != 1 || holders[0].Party != first+1 {
		t.Errorf("it is led by %v", holders)
	}
	for _, nobody := range []fullmakt.PartyNo{1, first / 2, first + 3, 2 * first} {
		if _, holders, held := distant.Look(nobody); distant.Kind(nobody) != fullmakt.KindUnknown || distant.Name(nobody) != "" || len(holders)+len(held) != 0 {
			t.Errorf("party %d is known", nobody)
		}
	}
	later := distant.Apply(2, epoch, []fullmakt.Change{fullmakt.Party{No: 7, ID: fullmakt.OrganisationID(310000035), Name: "Oslo AS"}, fullmakt.Grant{From: 7, To: first, Package: "skatt-naering"}})
	if len(later.Grants(7, first)) != 1 || later.Name(7) != "Oslo AS" || later.Name(8) != "" || distant.Kind(7) != fullmakt.KindUnknown {
		t.Error("a party of a small number does not come in, or comes in where it should not")
	}
}
