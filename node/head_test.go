package node_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

var morning = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)

// openStore opens a node on a directory, making its key at the first opening.
func openStore(t *testing.T, dir string) *node.Node {
	t.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	key := dir + ".key"
	_, missing := os.Stat(key)
	n, err := node.Open(context.Background(), node.Options{Data: dir, KeyFile: key, CreateKey: missing != nil, Catalogue: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// do runs a command that makes the given changes.
func do(t *testing.T, n *node.Node, at time.Time, changes ...fullmakt.Change) fullmakt.Seq {
	t.Helper()
	seq, err := n.Do(context.Background(), at, "test", func(*index.Snapshot) ([]fullmakt.Change, error) { return changes, nil })
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// bergen is the first seed example: Kari leads Trondheim AS, which leads Bergen AS.
func bergen() []fullmakt.Change {
	return []fullmakt.Change{
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"},
		fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027), Name: "Trondheim AS"},
		fullmakt.Party{No: 3, ID: fullmakt.PersonID(12817010065), Name: "Kari Nordmann"},
		fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 2}}},
		fullmakt.Organisation{Party: 2, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 3}}},
	}
}

func snapshot(t *testing.T, n *node.Node) *index.Snapshot {
	t.Helper()
	s, err := n.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSnapshotIsTheStores: whatever the snapshot file is like (fresh, behind,
// missing, damaged, ahead, of another history), a restarted node answers as the
// store says.
func TestSnapshotIsTheStores(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, node.SnapshotFile)
	n := openStore(t, dir)
	do(t, n, morning, bergen()...)
	if err := n.SaveSnapshot(ctx); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string) {
		t.Helper()
		again := openStore(t, dir)
		got, want := snapshot(t, again), snapshot(t, n)
		if got.Seq() != want.Seq() || got.Digest() != want.Digest() {
			t.Errorf("%s: revision %d with other facts than the store's %d", what, got.Seq(), want.Seq())
		}
		again.Close()
	}
	check("fresh")
	do(t, n, morning.Add(time.Hour), fullmakt.Person{Party: 3, Dead: true})
	check("behind")
	if err := os.WriteFile(file, old[:len(old)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	check("damaged")
	if err := n.CheckSnapshotFile(ctx); err == nil {
		t.Error("a damaged snapshot file passes the check")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	check("missing")
	if err := n.CheckSnapshotFile(ctx); err != nil {
		t.Errorf("a missing snapshot file is no fault: %v", err)
	}
	if err := n.SaveSnapshot(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.CheckSnapshotFile(ctx); err != nil {
		t.Errorf("a good snapshot file does not pass: %v", err)
	}

	// Another store with the same key whose history went another way.
	other := filepath.Join(t.TempDir(), "other")
	if err := os.MkdirAll(other, 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(dir + ".key")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other+".key", key, 0o600); err != nil {
		t.Fatal(err)
	}
	m := openStore(t, other)
	do(t, m, morning.Add(time.Minute), bergen()[:2]...)
	do(t, m, morning.Add(2*time.Minute), fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027), Name: "Nidaros AS"})
	do(t, m, morning.Add(3*time.Minute), fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027), Name: "Trondhjem AS"})
	stranger, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, node.SnapshotFile), stranger, 0o600); err != nil {
		t.Fatal(err)
	}
	again := openStore(t, other)
	if got, want := snapshot(t, again).Digest(), snapshot(t, m).Digest(); got != want {
		t.Error("a snapshot file of another history was used")
	}
}

// TestOneNodeSeesTheOther: what one process writes another answers by, and a
// command that lost the race runs again on the new head.
func TestOneNodeSeesTheOther(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	a := openStore(t, dir)
	b := openStore(t, dir)
	do(t, a, morning, bergen()...)
	kari, bergenNo := fullmakt.PartyNo(3), fullmakt.PartyNo(1)
	if !pdp.Decide(snapshot(t, b), pdp.Ask(kari, bergenNo, morning.Unix())).Allowed {
		t.Error("the other node does not see the first revision")
	}
	ran := 0
	seq, err := b.Do(ctx, morning.Add(time.Hour), "race", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		if ran++; ran == 1 {
			do(t, a, morning.Add(time.Minute), fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR})
		}
		return []fullmakt.Change{fullmakt.Person{Party: 3, Dead: true}}, nil
	})
	if err != nil || ran != 2 || seq != 3 {
		t.Errorf("the command that lost the race ran %d times and made revision %d: %v", ran, seq, err)
	}
	if pdp.Decide(snapshot(t, a), pdp.Ask(kari, bergenNo, morning.Unix())).Allowed {
		t.Error("the first node does not see what the other wrote")
	}
}

// TestAroundIsTheSameAnswer: the few organisations around a question give the same
// explanation as the whole register, at the head and at every earlier revision.
func TestAroundIsTheSameAnswer(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	n := openStore(t, dir)
	if _, err := n.Around(ctx, time.Time{}, 1); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("an empty store answers %v", err)
	}
	do(t, n, morning, bergen()...)
	first := snapshot(t, n)
	do(t, n, morning.Add(24*time.Hour), fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR})
	second := snapshot(t, n)
	for _, c := range []struct {
		at    time.Time
		whole *index.Snapshot
	}{{morning, first}, {morning.Add(23 * time.Hour), first}, {morning.Add(24 * time.Hour), second}, {time.Time{}, second}} {
		around, err := n.Around(ctx, c.at, 3, 1)
		if err != nil {
			t.Fatal(err)
		}
		q := pdp.Ask(3, 1, morning.Unix())
		if got, want := pdp.Explain(around, q), pdp.Explain(c.whole, q); got.Allowed != want.Allowed || got.Reason != want.Reason || len(got.Paths) != len(want.Paths) {
			t.Errorf("at %v: %v %s, want %v %s", c.at, got.Allowed, got.Reason, want.Allowed, want.Reason)
		}
		reach, err := n.Reach(ctx, c.at, 3)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := pdp.ActsFor(reach, 3, morning.Unix(), pdp.All, 0, 100)
		want, _ := pdp.ActsFor(c.whole, 3, morning.Unix(), pdp.All, 0, 100)
		if len(got) != len(want) {
			t.Errorf("at %v: the list has %d, want %d", c.at, len(got), len(want))
		}
	}
	_, err := n.Around(ctx, morning.Add(-time.Second), 3, 1)
	if before, ok := err.(*node.BeforeHistoryError); !ok || !before.Started.Equal(morning) {
		t.Errorf("before history: %v", err)
	}
}
