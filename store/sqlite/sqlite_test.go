package sqlite_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
	"github.com/fullmakt/fullmakt/store/storetest"
)

func open(ctx context.Context, dir string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, filepath.Join(dir, "store.db"), sqlite.Key{7})
}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m, open)) }

func TestStore(t *testing.T) { storetest.Run(t, open) }

func appendTo(t *testing.T, db *sqlite.DB, after fullmakt.Seq, changes ...fullmakt.Change) {
	t.Helper()
	_, err := db.Append(t.Context(), after, time.Unix(1_800_000_000, 0), "test", func(yield func(fullmakt.Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kari is the synthetic person of these tests.
const kariNumber, kariName = "12817010065", "Kari Hemmelig"

func kari(t *testing.T, no fullmakt.PartyNo) fullmakt.Party {
	t.Helper()
	id, err := fullmakt.ParseNationalID(kariNumber)
	if err != nil {
		t.Fatal(err)
	}
	return fullmakt.Party{No: no, ID: fullmakt.PersonID(id), Name: kariName}
}

// fileBytes reads every file of a store, the write-ahead log included.
func fileBytes(t *testing.T, dir string) (all []byte) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func TestIdentityNumbersAreNotInTheFileInAnyForm(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	born := fullmakt.Party{No: 2, ID: fullmakt.OpenPersonID(fullmakt.NewDate(1981, 2, 3), "Planted Birthname"), Name: "Other Name"}
	appendTo(t, db, 0, kari(t, 1), born)
	number := uint64(kari(t, 1).ID.Person)
	forms := map[string][]byte{
		"digits":        []byte(kariNumber),
		"without zeros": []byte("1281701006"),
		"folded name":   []byte("planted birthname"),
	}
	var big, little []byte
	for shift := 0; shift < 40; shift += 8 { // 37 bits
		little = append(little, byte(number>>shift))
		big = append([]byte{byte(number >> shift)}, big...)
	}
	forms["big-endian"], forms["little-endian"] = big, little
	check := func(when string) {
		all := fileBytes(t, dir)
		if !bytes.Contains(all, []byte(kariName)) {
			t.Fatalf("%s: the files do not hold the name, so that this test would find nothing", when)
		}
		for form, b := range forms {
			if bytes.Contains(all, b) {
				t.Errorf("%s: the files hold an identity as %s", when, form)
			}
		}
	}
	check("while open")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check("after closing")
}

func TestPurgeLeavesNoBytesBehind(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, db, 0, kari(t, 1))
	if err := db.IndexNames(t.Context()); err != nil {
		t.Fatal(err)
	}
	appendTo(t, db, 1, fullmakt.Purge{Party: 1})
	if bytes.Contains(fileBytes(t, dir), []byte("Hemmelig")) {
		t.Error("the files still hold the purged name")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsDoNotRepeatIdentityNumbers(t *testing.T) {
	db, err := open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	appendTo(t, db, 0, kari(t, 1))
	mixed := kari(t, 2)
	mixed.ID.Org = 310000019
	for name, p := range map[string]fullmakt.Party{"twin": kari(t, 2), "mixed": mixed} {
		_, err := db.Append(t.Context(), 1, time.Unix(1_800_000_000, 0), "", func(yield func(fullmakt.Change, error) bool) { yield(p, nil) })
		if err == nil || strings.Contains(err.Error(), kariNumber) || strings.Contains(err.Error(), kariName) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestOnlyTheRightKeyOpensAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Open(t.Context(), path, sqlite.Key{2})
	if fullmakt.ErrorCode(err) != fullmakt.CodeForbidden || fullmakt.ErrorHint(err) == "" {
		t.Errorf("another key: %v, hint %q; want code forbidden and a hint", err, fullmakt.ErrorHint(err))
	}
	db, err = sqlite.Open(t.Context(), path, sqlite.Key{1})
	if err != nil {
		t.Fatalf("the right key: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	appendTo(t, db, 0, kari(t, 1))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(f), info.Mode(), err)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	_, err := sqlite.LoadKey(file)
	if fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("no file: %v", err)
	}
	key, err := sqlite.CreateKey(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file's rights: %v, %v", info.Mode(), err)
	}
	if got, err := sqlite.LoadKey(file); err != nil || got != key || key == (sqlite.Key{}) {
		t.Errorf("the key does not come back: %v", err)
	}
	if _, err := sqlite.CreateKey(file); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("making it again: %v", err)
	}
	if got, err := sqlite.LoadKey(file); err != nil || got != key {
		t.Errorf("the refused key was written: %v", err)
	}
	for name, content := range map[string]string{"empty": "", "short": "abcd", "not hex": strings.Repeat("x", 64), "long": strings.Repeat("a", 66)} {
		bad := filepath.Join(dir, "bad")
		if err := os.WriteFile(bad, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sqlite.LoadKey(bad)
		if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || content != "" && strings.Contains(err.Error(), content) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s := key.String() + key.GoString(); len(s) > 30 {
		t.Errorf("a key prints itself: %s", s)
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	if _, err := sqlite.Open(t.Context(), filepath.Join(dir, "no", "such", "store.db"), sqlite.Key{}); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable || fullmakt.ErrorHint(err) == "" {
		t.Errorf("no folder: %v", err)
	}
	other := filepath.Join(dir, "other file # with ? marks.db")
	if err := os.WriteFile(other, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), other, sqlite.Key{}); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable || fullmakt.ErrorHint(err) == "" {
		t.Errorf("another kind of file: %v", err)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), other, sqlite.Key{})
	if err != nil {
		t.Fatalf("a strange name: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(other); err != nil || info.Size() == 0 {
		t.Errorf("the store is not in the file that was named: %v", err)
	}
}

func TestSeveralMayOpenANewStoreAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	results := make(chan error)
	for range 6 {
		go func() {
			db, err := sqlite.Open(context.Background(), path, sqlite.Key{1})
			if err == nil {
				err = db.Close()
			}
			results <- err
		}()
	}
	for range 6 {
		if err := <-results; err != nil {
			t.Errorf("open: %v", err)
		}
	}
}

func TestMemoryStoreReadsWhileItIsRead(t *testing.T) {
	db, err := sqlite.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	appendTo(t, db, 0, kari(t, 1))
	n := 0
	for _, err := range db.Changes(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		appendTo(t, db, 1, fullmakt.Person{Party: 1, Dead: true})
		n++
	}
	if head, err := db.Head(t.Context()); err != nil || head.Seq != 2 || n != 1 {
		t.Errorf("head %+v, %v; %d entries", head, err, n)
	}
	other, err := sqlite.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if head, err := other.Head(t.Context()); err != nil || head.Seq != 0 {
		t.Errorf("another memory store is not its own: %+v, %v", head, err)
	}
}
