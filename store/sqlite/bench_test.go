package sqlite_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// benchSizes are the registers to measure with: the number of organisations,
// sub-units among them. Each brings 0.7 persons and 1.7 roles more. The whole
// of Norway is two million; it is measured when FULLMAKT_BENCH=national.
func benchSizes() []int {
	if os.Getenv("FULLMAKT_BENCH") == "national" {
		return []int{2_000_000}
	}
	return []int{20_000}
}

// register makes the changes of a bulk import: each organisation after the
// parties that it needs, holders skewed so that some have thousands of roles.
func register(orgs int) iter.Seq2[fullmakt.Change, error] {
	return func(yield func(fullmakt.Change, error) bool) {
		rnd := rand.New(rand.NewPCG(1, 2))
		persons := orgs * 7 / 10
		var next, lastMain fullmakt.PartyNo = 1, 0
		people := make([]fullmakt.PartyNo, 0, persons)
		units := make([]fullmakt.PartyNo, 0, orgs)
		number := fullmakt.OrgNumber(200_000_000)
		codes := []fullmakt.RoleCode{"DAGL", "LEDE", "MEDL", "VARA", "REGN", "REVI"}
		for range orgs {
			number += 37
			o := fullmakt.Organisation{Party: next, Form: "AS", Source: fullmakt.SourceOpenData}
			next++
			if !yield(fullmakt.Party{No: o.Party, ID: fullmakt.OrganisationID(number), Name: fmt.Sprintf("SELSKAP NUMMER %d AS", number)}, nil) {
				return
			}
			if rnd.IntN(100) < 42 && lastMain != 0 {
				o.Form, o.Parent = "BEDR", lastMain
			} else {
				lastMain = o.Party
				since := fullmakt.Date(40_000 + rnd.IntN(6000))
				for range rnd.IntN(6) + 1 {
					r := fullmakt.Role{Code: codes[rnd.IntN(len(codes))], Since: since}
					switch {
					case r.Code == "REGN" && len(units) > 0:
						r.Holder = units[int(rnd.Float64()*rnd.Float64()*rnd.Float64()*float64(len(units)))]
					case len(people) < persons && rnd.IntN(100) < 45 || len(people) == 0:
						r.Holder = next
						next++
						people = append(people, r.Holder)
						born := fullmakt.Date(15_000 + rnd.IntN(25_000))
						name := fmt.Sprintf("Fornavn%d Etternavn%d", rnd.IntN(5000), len(people))
						if !yield(fullmakt.Party{No: r.Holder, ID: fullmakt.OpenPersonID(born, name), Name: name}, nil) {
							return
						}
					default:
						r.Holder = people[rnd.IntN(len(people))]
					}
					o.Roles = append(o.Roles, r)
				}
				o.Roles = fullmakt.SortRoles(o.Roles)
			}
			units = append(units, o.Party)
			if !yield(o, nil) {
				return
			}
		}
	}
}

func benchStore(b *testing.B, orgs int) *sqlite.DB {
	b.Helper()
	db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "store.db"), sqlite.Key{1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if orgs > 0 {
		if _, err := db.Append(b.Context(), 0, time.Unix(1e9, 0), "bench", register(orgs)); err != nil {
			b.Fatal(err)
		}
	}
	return db
}

func BenchmarkAppendBulk(b *testing.B) {
	for _, orgs := range benchSizes() {
		b.Run(fmt.Sprintf("organisations=%d", orgs), func(b *testing.B) {
			changes := 0
			for range register(orgs) {
				changes++
			}
			for b.Loop() {
				b.StopTimer()
				db := benchStore(b, 0)
				b.StartTimer()
				if _, err := db.Append(b.Context(), 0, time.Unix(1e9, 0), "bench", register(orgs)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(changes), "ns/change")
		})
	}
}

func BenchmarkAppendBulkAgain(b *testing.B) {
	for _, orgs := range benchSizes() {
		b.Run(fmt.Sprintf("organisations=%d", orgs), func(b *testing.B) {
			db := benchStore(b, orgs)
			for b.Loop() {
				if seq, err := db.Append(b.Context(), 1, time.Unix(2e9, 0), "bench", register(orgs)); err != nil || seq != 1 {
					b.Fatal(seq, err)
				}
			}
		})
	}
}

func BenchmarkState(b *testing.B) {
	for _, orgs := range benchSizes() {
		b.Run(fmt.Sprintf("organisations=%d", orgs), func(b *testing.B) {
			db := benchStore(b, orgs)
			for b.Loop() {
				n := 0
				for _, err := range db.State(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
		})
	}
}

func BenchmarkIdentities(b *testing.B) {
	for _, orgs := range benchSizes() {
		b.Run(fmt.Sprintf("organisations=%d", orgs), func(b *testing.B) {
			db := benchStore(b, orgs)
			for b.Loop() {
				if _, err := db.Identities(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPointReads measures what a single check on the command line asks for.
func BenchmarkPointReads(b *testing.B) {
	db := benchStore(b, benchSizes()[0])
	head, err := db.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	some := func() []fullmakt.PartyNo {
		return []fullmakt.PartyNo{1 + fullmakt.PartyNo(rnd.IntN(int(head.NextParty)-1)), 1 + fullmakt.PartyNo(rnd.IntN(int(head.NextParty)-1))}
	}
	for _, op := range []struct {
		name string
		do   func() error
	}{
		{"Head", func() error { _, err := db.Head(b.Context()); return err }},
		{"FactsAt", func() error { _, err := db.FactsAt(b.Context(), head.Seq, some()); return err }},
		{"EverRelated", func() error { _, err := db.EverRelated(b.Context(), some()); return err }},
		{"Parties", func() error { _, err := db.Parties(b.Context(), some()); return err }},
		{"Identify", func() error {
			_, _, err := db.Identify(b.Context(), fullmakt.OrganisationID(200_000_000+37*fullmakt.OrgNumber(rnd.IntN(20_000))))
			return err
		}},
	} {
		b.Run(op.name, func(b *testing.B) {
			for b.Loop() {
				if err := op.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendOne(b *testing.B) {
	db := benchStore(b, 20_000)
	seq := fullmakt.Seq(1)
	for b.Loop() {
		c := fullmakt.Organisation{Party: 1, Form: "AS", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 2, Since: fullmakt.Date(seq)}}}
		var err error
		seq, err = db.Append(b.Context(), seq, time.Unix(2e9, 0), "bench", func(yield func(fullmakt.Change, error) bool) { yield(c, nil) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	for b.Loop() {
		db, err := sqlite.Open(b.Context(), path, sqlite.Key{1})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
