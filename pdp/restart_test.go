package pdp_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// restarts is how many worlds the tests below take through a restart.
func restarts() int {
	if testing.Short() {
		return 4
	}
	return 12
}

// TestAnswersSurviveTheSnapshotFile writes snapshots of random worlds to a file,
// reads them back, and asks again.
func TestAnswersSurviveTheSnapshotFile(t *testing.T) {
	gen, cats := worlds(), catalogues()
	key := [32]byte{1, 2, 3}
	path := filepath.Join(t.TempDir(), "index")
	for seed := range restarts() {
		w := gen.Example(seed)
		before := build(cats.of(w), w.log)
		if err := before.WriteFile(path, key); err != nil {
			t.Fatal(err)
		}
		after, err := index.ReadFile(path, key, cats.of(w))
		if err != nil {
			t.Fatal(err)
		}
		sameAnswers(t, cats.of(w), w, before, after)
	}
}

// TestAnswersSurviveTheStore appends random worlds to a store in random batches,
// closes it, and builds the index anew, from the state and from the log.
func TestAnswersSurviveTheStore(t *testing.T) {
	gen, cats := worlds(), catalogues()
	for seed := range restarts() {
		w := padded(gen.Example(seed))
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		path, key := filepath.Join(t.TempDir(), "store"), sqlite.Key{7}
		appendAll(t, path, key, w.log, rng)

		ctx := context.Background()
		db, err := sqlite.Open(ctx, path, key)
		if err != nil {
			t.Fatal(err)
		}
		b := index.NewBuilder(cats.of(w))
		for change, err := range db.State(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			b.Add(change)
		}
		var log []fullmakt.Change
		for entry, err := range db.Changes(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, entry.Change)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		want := build(cats.of(w), w.log)
		sameAnswers(t, cats.of(w), w, want, b.Build(want.Seq(), want.At()))
		replayed := build(cats.of(w), nil)
		for len(log) > 0 {
			n := 1 + rng.IntN(len(log))
			replayed = replayed.Apply(want.Seq(), want.At(), log[:n])
			log = log[n:]
		}
		sameAnswers(t, cats.of(w), w, want, replayed)
	}
}

// padded is a world as a store would have it: party numbers from 1 without a
// gap, nothing written that rests on a party purged before, and no agents of other
// kinds than agents are.
func padded(w world) world {
	var log []fullmakt.Change
	first := everybody(w)[0]
	for no := fullmakt.PartyNo(1); no < first; no++ {
		log = append(log, fullmakt.Party{No: no, ID: fullmakt.OpenPersonID(fullmakt.Date(no), "Nobody"), Name: "Nobody"})
	}
	purged, agents := map[fullmakt.PartyNo]bool{}, map[fullmakt.PartyNo]bool{}
	for _, change := range w.log {
		rests := false
		switch c := change.(type) {
		case fullmakt.Party:
			agents[c.No] = c.ID.Kind == fullmakt.KindPerson || c.ID.Kind == fullmakt.KindSystemUser
		case fullmakt.Purge:
			purged[c.Party] = true
		case fullmakt.Organisation:
			rests = purged[c.Party]
		case fullmakt.Person:
			rests = purged[c.Party]
		case fullmakt.EnterpriseUser:
			rests = purged[c.Party]
		case fullmakt.Grant:
			rests = purged[c.From] || purged[c.To]
		case fullmakt.SystemUser:
			rests = purged[c.Party]
		case fullmakt.Agent:
			rests = purged[c.Provider] || purged[c.Agent] || !agents[c.Agent]
		case fullmakt.ClientDelegation:
			rests = purged[c.Provider] || purged[c.Client] || purged[c.Agent] || !agents[c.Agent]
		case fullmakt.ScopeGrant:
			rests = purged[c.From] || purged[c.To]
		}
		if !rests {
			log = append(log, change)
		}
	}
	w.log = log
	return w
}

func appendAll(t *testing.T, path string, key sqlite.Key, log []fullmakt.Change, rng *rand.Rand) {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for seq := fullmakt.Seq(0); len(log) > 0; {
		n := 1 + rng.IntN(len(log))
		changes := func(yield func(fullmakt.Change, error) bool) {
			for _, change := range log[:n] {
				if !yield(change, nil) {
					return
				}
			}
		}
		if seq, err = db.Append(ctx, seq, time.Unix(noon, 0), "test", changes); err != nil {
			t.Fatal(err)
		}
		log = log[n:]
	}
}

// sameAnswers compares two snapshots of a world: digests, and the whole of every
// answer to a few questions about every pair; the reference guards the first.
func sameAnswers(t *testing.T, c *catalogue.Catalogue, w world, want, got *index.Snapshot) {
	t.Helper()
	if want.Digest() != got.Digest() {
		t.Fatalf("the digest differs, in the world\n%s", w)
	}
	d := &differ{fail: func(format string, args ...any) {
		t.Helper()
		t.Fatalf(format+"\nin the world\n%s", append(args, w)...)
	}}
	parties := everybody(w)
	if len(parties) > 20 { // leave out the padding
		parties = parties[len(parties)-20:]
	}
	d.instant(got, newReference(c, replay(w.log), w.times[0]), parties, rand.New(rand.NewPCG(1, 2)))
}
