package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/google/go-cmp/cmp"
)

var rotateTime = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// keyedStore makes a store with so many persons, and its key file.
func keyedStore(t *testing.T, persons int) (path, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	path, keyFile = filepath.Join(dir, "store.db"), filepath.Join(dir, "store.key")
	key, err := CreateKey(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Append(t.Context(), 0, rotateTime, "test", func(yield func(fullmakt.Change, error) bool) {
		for no := range persons {
			if !yield(openPerson(no), nil) {
				return
			}
		}
		yield(fullmakt.Party{No: fullmakt.PartyNo(persons + 1), ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	return path, keyFile
}

// openPerson is the person with number i+1.
func openPerson(i int) fullmakt.Party {
	born := fullmakt.NewDate(1950, 1, 1) + fullmakt.Date(i)
	return fullmakt.Party{No: fullmakt.PartyNo(i + 1), ID: fullmakt.OpenPersonID(born, "Kari Hemmelig"), Name: "Kari Hemmelig"}
}

// opening opens a store with a key file and checks all of it.
func opening(t *testing.T, path, keyFile string) (*DB, error) {
	t.Helper()
	key, err := LoadKey(keyFile)
	if err != nil {
		return nil, err
	}
	db, err := Open(t.Context(), path, key)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { db.Close() })
	findings, err := db.Check(t.Context(), nil)
	if err != nil || len(findings) > 0 {
		t.Errorf("check: %v %v", findings, err)
	}
	return db, nil
}

func TestChangeKey(t *testing.T) {
	const persons = 3000
	path, keyFile := keyedStore(t, persons)
	old, err := opening(t, path, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	before, err := old.Parties(t.Context(), []fullmakt.PartyNo{1, 1500, persons, persons + 1})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	got, err := ChangeKey(t.Context(), path, keyFile, rotateTime, func(done, of int) {
		if of != persons || done <= told {
			t.Errorf("told of %d of %d after %d", done, of, told)
		}
		told = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (KeyChange{OldKeyFile: keyFile + ".until-20260303T120000Z"}); got != want || told != persons {
		t.Errorf("changed: %+v, want %+v; told of %d", got, want, told)
	}
	now, err := opening(t, path, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	after, err := now.Parties(t.Context(), []fullmakt.PartyNo{1, 1500, persons, persons + 1})
	if err != nil || !cmp.Equal(before, after) {
		t.Errorf("parties differ: %v %s", err, cmp.Diff(before, after))
	}
	if no, _, err := now.Identify(t.Context(), openPerson(1499).ID); no != 1500 || err != nil {
		t.Errorf("identified as %d, %v", no, err)
	}
	if _, err := opening(t, path, got.OldKeyFile); fullmakt.ErrorCode(err) != fullmakt.CodeForbidden {
		t.Errorf("the old key opens: %v", err)
	}
	if info, err := os.Stat(keyFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	if _, err := os.Stat(keyFile + NewKeySuffix); !os.IsNotExist(err) {
		t.Errorf("the new key file is still there: %v", err)
	}

	// A process that has it open with the old key says so, and answers nothing
	// wrong.
	_, _, identify := old.Identify(t.Context(), openPerson(1499).ID)
	_, parties := old.Parties(t.Context(), []fullmakt.PartyNo{1})
	_, identities := old.Identities(t.Context())
	_, write := old.Append(t.Context(), 1, rotateTime, "late", func(yield func(fullmakt.Change, error) bool) { yield(openPerson(persons+1), nil) })
	for what, err := range map[string]error{"identify": identify, "parties": parties, "identities": identities, "append": write, "key": old.KeyStands(t.Context())} {
		if fullmakt.ErrorCode(err) != fullmakt.CodeForbidden {
			t.Errorf("%s under the old key: %v", what, err)
		}
	}
	if err := now.KeyStands(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestChangeKeyLeavesNothingUnderTheOldKey looks for encrypted identities of
// before in the files of after.
func TestChangeKeyLeavesNothingUnderTheOldKey(t *testing.T) {
	path, keyFile := keyedStore(t, 20)
	db, err := opening(t, path, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	var idents [][]byte
	err = db.read(t.Context(), func(s *session) error {
		return s.each(t.Context(), "SELECT ident FROM party WHERE ident IS NOT NULL", nil, func(row []value) error {
			idents = append(idents, bytes.Clone(asBytes(row[0])))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	holds := func() (n int) {
		for _, end := range []string{"", "-wal"} {
			file, err := os.ReadFile(path + end)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			for _, id := range idents {
				n += bytes.Count(file, id)
			}
		}
		return n
	}
	if holds() < len(idents) {
		t.Fatal("the file does not hold what is looked for")
	}
	if _, err := ChangeKey(t.Context(), path, keyFile, rotateTime, nil); err != nil {
		t.Fatal(err)
	}
	if n := holds(); n > 0 {
		t.Errorf("%d hashes under the old key are left", n)
	}
}

// TestChangeKeyInterrupted stops a change of key after each of its steps, and
// within the one that encrypts: one of the two keys opens the store, and another
// change finishes.
func TestChangeKeyInterrupted(t *testing.T) {
	const within = -1
	for _, steps := range []int{within, 1, 2, 3, 4} {
		path, keyFile := keyedStore(t, 2500)
		c := &keyChange{path: path, keyFile: keyFile, at: rotateTime}
		if steps == within {
			ctx, cancel := context.WithCancel(t.Context())
			c.progress = func(done, _ int) {
				if done > 1024 {
					cancel()
				}
			}
			if err := c.begin(ctx); err != nil {
				t.Fatal(err)
			}
			if err := c.encrypt(ctx); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
				t.Fatalf("interrupted: %v", err)
			}
		}
		for _, step := range c.steps()[:max(steps, 0)] {
			if err := step(t.Context()); err != nil {
				t.Fatalf("%d steps: %v", steps, err)
			}
		}
		_, withOld := opening(t, path, keyFile)
		_, withNew := opening(t, path, keyFile+NewKeySuffix)
		if (withOld == nil) == (withNew == nil) {
			t.Errorf("%d steps: the old key file: %v; the new: %v", steps, withOld, withNew)
		}
		if steps == 4 {
			continue
		}
		got, err := ChangeKey(t.Context(), path, keyFile, rotateTime.Add(time.Hour), nil)
		if err != nil {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		if resumed := steps > 1; got.Resumed != resumed {
			t.Errorf("after %d steps: resumed %t, want %t", steps, got.Resumed, resumed)
		}
		if _, err := opening(t, path, keyFile); err != nil {
			t.Errorf("after %d steps and another change: %v", steps, err)
		}
		if now, err := LoadKey(keyFile); err != nil || now != c.fresh {
			t.Errorf("after %d steps the new key that was made is not used (%v)", steps, err)
		}
		kept, err := filepath.Glob(keyFile + ".until-*")
		if err != nil || len(kept) != 1 || kept[0] != got.OldKeyFile {
			t.Errorf("after %d steps: old key files %v, %v", steps, kept, err)
		} else if had, err := LoadKey(kept[0]); err != nil || had != c.old {
			t.Errorf("after %d steps the old key is not kept: %v", steps, err)
		}
	}
}

func TestChangeKeyNeedsTheKey(t *testing.T) {
	path, keyFile := keyedStore(t, 1)
	other := keyFile + ".other"
	if _, err := CreateKey(other); err != nil {
		t.Fatal(err)
	}
	if _, err := ChangeKey(t.Context(), path, other, rotateTime, nil); fullmakt.ErrorCode(err) != fullmakt.CodeForbidden {
		t.Errorf("with another key: %v", err)
	}
	if _, err := ChangeKey(t.Context(), path+".none", keyFile, rotateTime, nil); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("without a store: %v", err)
	}
	for _, file := range []string{path + ".none", other + NewKeySuffix, keyFile + NewKeySuffix} {
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", filepath.Base(file), err)
		}
	}
}
