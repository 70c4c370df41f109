package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
	"github.com/google/go-cmp/cmp"
)

// wholeLog reads everything that a store says, revision by revision.
func wholeLog(t *testing.T, db *sqlite.DB) (all []any) {
	t.Helper()
	for entry, err := range db.Changes(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry)
	}
	return all
}

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	appendTo(t, db, 0, checkedWorld(t)...)
	appendTo(t, db, 1, fullmakt.Organisation{Party: 1, Form: "ASA", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 2}}})
	want := wholeLog(t, db)

	file := filepath.Join(dir, "backup.db")
	rev, err := db.Backup(t.Context(), file)
	if err != nil || rev.Seq != 2 || !rev.At.Equal(time.Unix(1_800_000_000, 0)) {
		t.Fatalf("backup: %+v, %v", rev, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup file: %v, %v", info, err)
	}
	if b, err := os.ReadFile(file); err != nil || bytes.Contains(b, []byte(kariNumber)) {
		t.Errorf("the backup holds an identity number (%v)", err)
	}
	// The store goes on; the backup does not.
	appendTo(t, db, 2, fullmakt.Organisation{Party: 1, Form: "STI"})
	if _, err := db.Backup(t.Context(), file); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("backup over a backup: %v", err)
	}

	path := filepath.Join(dir, "restored.db")
	steps := 0
	rev, err = sqlite.Restore(t.Context(), file, path, sqlite.Key{7}, func(string, int, int) { steps++ })
	if err != nil || rev.Seq != 2 || steps == 0 {
		t.Fatalf("restore: %+v, %v, %d steps", rev, err, steps)
	}
	restored, err := sqlite.Open(t.Context(), path, sqlite.Key{7})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if diff := cmp.Diff(want, wholeLog(t, restored)); diff != "" {
		t.Error(diff)
	}
	if no, _, err := restored.Identify(t.Context(), kari(t, 3).ID); no != 3 || err != nil {
		t.Errorf("identified as %d, %v", no, err)
	}
	if _, err := sqlite.Restore(t.Context(), file, path, sqlite.Key{7}, nil); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("restore over a store: %v", err)
	}
	// It can be written on.
	appendTo(t, restored, 2, fullmakt.Organisation{Party: 1, Form: "SA"})
}

// TestRestoreRefuses wants an error with a code, and nothing left behind.
func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	appendTo(t, db, 0, checkedWorld(t)...)
	good := filepath.Join(dir, "good.db")
	if _, err := db.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := bytes.Clone(data)
	at := bytes.Index(spoilt, []byte(kariName))
	copy(spoilt[at:], "Ola ")
	write := func(name string, b []byte) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, test := range []struct {
		name, file string
		key        sqlite.Key
		code       fullmakt.Code
	}{
		{"another key", good, sqlite.Key{8}, fullmakt.CodeForbidden},
		{"an empty file", write("empty", nil), sqlite.Key{7}, fullmakt.CodeInvalid},
		{"a text", write("text", []byte("Not a backup of anything.")), sqlite.Key{7}, fullmakt.CodeInvalid},
		{"the beginning of one", write("cut", data[:5000]), sqlite.Key{7}, fullmakt.CodeInvalid},
		{"no file", filepath.Join(dir, "none"), sqlite.Key{7}, fullmakt.CodeInvalid},
		{"a changed name", write("spoilt", spoilt), sqlite.Key{7}, fullmakt.CodeUnavailable},
		{"a store in use", filepath.Join(dir, "store.db"), sqlite.Key{7}, fullmakt.CodeInvalid},
	} {
		to := t.TempDir()
		_, err := sqlite.Restore(t.Context(), test.file, filepath.Join(to, "store.db"), test.key, nil)
		if code := fullmakt.ErrorCode(err); code != test.code || fullmakt.ErrorHint(err) == "" && test.name != "no file" {
			t.Errorf("%s: %v (%s), want %s with a hint", test.name, err, code, test.code)
		}
		if left, err := os.ReadDir(to); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind %v, %v", test.name, left, err)
		}
		if err != nil && strings.Contains(err.Error(), kariName) {
			t.Errorf("%s: the error names a person", test.name)
		}
	}
}

func TestBackupOfMemory(t *testing.T) {
	db, err := sqlite.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "b")); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("backup of a store in memory: %v", err)
	}
}
