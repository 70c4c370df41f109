package web

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// BenchmarkOrganisation makes the pages about organisations of the register in
// FULLMAKT_BENCH_DIR, which is that of package node's benchmarks: of any
// organisation, of those with about sixty who may act, of the one with most, and of
// the biggest accountant. It reports the middle and the 95th of the times, in
// milliseconds, and the size of the page before it is compressed.
//
//	FULLMAKT_BENCH_DIR=/var/tmp/norway go test -run '^$' -bench Organisation ./web
func BenchmarkOrganisation(b *testing.B) {
	dir := os.Getenv("FULLMAKT_BENCH_DIR")
	if dir == "" {
		b.Skip("FULLMAKT_BENCH_DIR names no register")
	}
	cat, err := catalogue.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	store := filepath.Join(dir, "store")
	n, err := node.Open(b.Context(), node.Options{Data: store, KeyFile: store + ".key", Catalogue: cat})
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	s, err := n.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	pages, err := New(Options{Node: n, Open: true, Version: "bench", RegisterName: nil})
	if err != nil {
		b.Fatal(err)
	}
	handler := pages.Handler(http.NotFoundHandler())

	rng := rand.New(rand.NewPCG(1, 2))
	at := time.Now().Unix()
	var any, sixty []fullmakt.PartyNo
	var accountant, crowd fullmakt.PartyNo
	clients, crowded := 0, 0
	for no := fullmakt.PartyNo(1); no <= s.Last(); no++ {
		if s.Kind(no) != fullmakt.KindOrganisation {
			continue
		}
		_, holders, held := s.Look(no)
		if len(held) > clients {
			accountant, clients = no, len(held)
		}
		if rng.IntN(2000) == 0 {
			any = append(any, no)
		}
		reach := 0
		for _, e := range holders {
			_, next, _ := s.Look(e.Party)
			reach += 1 + len(next)
		}
		if reach > crowded {
			crowd, crowded = no, reach
		}
		if reach >= 55 && len(sixty) < 200 {
			if pairs, _ := pdp.WhoActsFor(s, no, at, pdp.All, 0, math.MaxInt); len(pairs) >= 40 && len(pairs) <= 60 {
				sixty = append(sixty, no)
			}
		}
	}
	most, _ := pdp.WhoActsFor(s, crowd, at, pdp.All, 0, math.MaxInt)
	b.Logf("%d organisations with 40 to 60 who may act; the most have %d; the biggest accountant holds %d", len(sixty), len(most), clients)

	for _, c := range []struct {
		name, part string
		of         []fullmakt.PartyNo
	}{
		{"Any", "", any},
		{"Sixty", "", sixty},
		{"Most", "", []fullmakt.PartyNo{crowd}},
		{"Accountant", "", []fullmakt.PartyNo{accountant}},
		{"AccountantHolds", "/holds", []fullmakt.PartyNo{accountant}},
		{"AccountantSearched", "/holds?q=be", []fullmakt.PartyNo{accountant}},
		{"History", "/history", any},
	} {
		b.Run(c.name, func(b *testing.B) {
			if len(c.of) == 0 {
				b.Skip("the register has none")
			}
			var took []time.Duration
			bytes, i := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				org := s.ID(c.of[i%len(c.of)]).Org
				i++
				request := httptest.NewRequest("GET", "/org/"+org.String()+c.part, nil)
				w := httptest.NewRecorder()
				began := time.Now()
				handler.ServeHTTP(w, request)
				took = append(took, time.Since(began))
				if w.Code != http.StatusOK {
					b.Fatal(fmt.Sprint(request.URL, ": ", w.Code))
				}
				bytes = max(bytes, w.Body.Len())
			}
			slices.Sort(took)
			ms := func(share float64) float64 {
				return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
			}
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.95), "p95-ms")
			b.ReportMetric(float64(bytes)/1024, "KiB")
		})
	}
}
