package api

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
)

// BenchmarkAuthorizedParties asks for the authorized parties of a person who leads
// an accountant with 13,000 clients: as a whole, and step by step. With
// FULLMAKT_BENCH_DIR the register is that of package node's benchmarks there, and
// the person is the busiest one in it.
func BenchmarkAuthorizedParties(b *testing.B) {
	n, subject := busiest(b)
	s, err := New(n, openConfig())
	if err != nil {
		b.Fatal(err)
	}
	snap, err := n.Snapshot(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	at := snap.At().Unix()
	o := partyOptions{roles: true, packages: true, viaKeyRoles: true, subParties: true, inactive: true}
	b.Run("request", func(b *testing.B) {
		body := []byte(`{"type":"urn:altinn:partyid","value":"` + strconv.FormatUint(uint64(subject), 10) + `"}`)
		var size int
		for b.Loop() {
			r := httptest.NewRequest("POST", accessManagement+"/resourceowner/authorizedparties?includeAccessPackages=true", bytes.NewReader(body))
			r.Host = "localhost"
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatalf("%d %s", w.Code, w.Body)
			}
			size = w.Body.Len()
		}
		b.ReportMetric(float64(size), "bytes")
	})
	b.Run("connections", func(b *testing.B) {
		uuids, err := n.Store().UUIDs(context.Background(), []fullmakt.PartyNo{subject})
		if err != nil {
			b.Fatal(err)
		}
		u := uuids[subject].String()
		var size int
		b.ReportAllocs()
		for b.Loop() {
			r := httptest.NewRequest("GET", accessManagement+"/enduser/connections/accesspackages?party="+u+"&to="+u, nil)
			r.Host = "localhost"
			w := counter{header: http.Header{}}
			s.Handler().ServeHTTP(&w, r)
			size = w.n
		}
		b.ReportMetric(float64(size), "bytes")
	})
	b.Run("list", func(b *testing.B) {
		var l *partyList
		for b.Loop() {
			l = listParties(snap, subject, at, o)
		}
		b.ReportMetric(float64(l.size()), "parties")
	})
	l := listParties(snap, subject, at, o)
	b.Run("names", func(b *testing.B) {
		for b.Loop() {
			if err := l.name(context.Background(), n.Store()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		var out bytes.Buffer
		for b.Loop() {
			out.Reset()
			l.write(&out, "[", "]")
		}
	})
}

// busiest opens a register with a big accountant, and returns who leads it.
func busiest(b testing.TB) (*node.Node, fullmakt.PartyNo) {
	dir := os.Getenv("FULLMAKT_BENCH_DIR")
	if dir == "" {
		n := accountantNode(b, 13_000)
		snap := n.Current()
		return n, snap.Person(accountantLeader)
	}
	cat, err := catalogue.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	store := filepath.Join(dir, "store")
	n, err := node.Open(context.Background(), node.Options{Data: store, KeyFile: store + ".key", Catalogue: cat})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { n.Close() })
	snap, err := n.Snapshot(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	var accountant fullmakt.PartyNo
	most := 0
	for p := fullmakt.PartyNo(1); p <= snap.Last(); p++ {
		if _, _, held := snap.Look(p); len(held) > most && held[len(held)/2].Role() == snap.Terms().REGN {
			accountant, most = p, len(held)
		}
	}
	v := cat.At(time.Now().Unix())
	_, holders, _ := snap.Look(accountant)
	for _, e := range holders {
		if v.Key(e.Role()) && !e.Ended() && !e.HolderIsOrganisation() && snap.Person(snap.ID(e.Party).Person) == e.Party {
			return n, e.Party
		}
	}
	b.Fatal("nobody with an identity number leads the biggest accountant")
	return nil, 0
}

// counter counts what is written.
type counter struct {
	header http.Header
	n      int
}

func (c *counter) Header() http.Header { return c.header }
func (c *counter) WriteHeader(int)     {}
func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}
