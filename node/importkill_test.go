package node

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// The child process of TestImportKilled finds its work in these variables.
const (
	childStore = "FULLMAKT_TEST_STORE" // directory of the store
	childFiles = "FULLMAKT_TEST_FILES" // directory of the files
	childDies  = "FULLMAKT_TEST_DIES"  // number of the role at which it kills itself in the merge; 0 for never
)

func openStore(t *testing.T, dir string) *sqlite.DB {
	t.Helper()
	load := sqlite.LoadKey
	if _, err := os.Stat(filepath.Join(dir, "store.key")); err != nil {
		load = sqlite.CreateKey
	}
	key, err := load(filepath.Join(dir, "store.key"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(context.Background(), filepath.Join(dir, "store.db"), key)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func generated(dir string) []string {
	return []string{filepath.Join(dir, "enheter.json.gz"), filepath.Join(dir, "underenheter.json.gz"), filepath.Join(dir, "roller.json.gz")}
}

func storeImport(t *testing.T, store, files string, known func(fullmakt.RoleCode) bool) Report {
	t.Helper()
	db := openStore(t, store)
	defer db.Close()
	report, err := Import(t.Context(), db, ImportOptions{
		Files: generated(files), Now: noon, FileDate: noon, StagingDir: filepath.Join(store, "staging"), KnownRole: known,
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func storeState(t *testing.T, store string) map[string]string {
	t.Helper()
	db := openStore(t, store)
	defer db.Close()
	return state(t, db)
}

// TestImportKilled kills an import at random moments, in a process of its own.
// Whenever that was, the store is as before or as after, and the next import of
// the same files leads to the state of one that was never disturbed.
func TestImportKilled(t *testing.T) {
	if store := os.Getenv(childStore); store != "" {
		importUntilDeath(t, store)
		return
	}
	rounds, scale := 10, 0.003
	if testing.Short() {
		rounds, scale = 3, 0.0005
	}
	days := [2]string{t.TempDir(), t.TempDir()}
	for day, dir := range days {
		if _, err := enhetsregisteret.Generate(t.Context(), dir, enhetsregisteret.GenerateOptions{Seed: 7, Scale: scale, Day: 20 * day}); err != nil {
			t.Fatal(err)
		}
	}
	undisturbed := t.TempDir()
	storeImport(t, undisturbed, days[0], nil)
	before := storeState(t, undisturbed)
	start := time.Now()
	roles := 0
	storeImport(t, undisturbed, days[1], func(fullmakt.RoleCode) bool { roles++; return true })
	takes := time.Since(start)
	after := storeState(t, undisturbed)
	if cmp.Equal(before, after) {
		t.Fatal("the second day changes nothing, so the test shows nothing")
	}

	dice := rand.New(rand.NewPCG(1, 2))
	var interrupted, done int
	for round := range rounds {
		store := t.TempDir()
		storeImport(t, store, days[0], nil)
		// Odd rounds die in the merge at a role that is drawn, even ones
		// whenever the time that is drawn is over.
		dies, limit := 0, time.Duration(0)
		if round%2 == 1 {
			dies = 1 + dice.IntN(roles)
		} else {
			limit = time.Duration(dice.Int64N(int64(takes) * 3 / 2))
		}
		for range 2 { // the import that goes on may be killed as well
			child(t, store, days[1], dies, limit)
		}
		switch got := storeState(t, store); {
		case cmp.Equal(got, before):
			interrupted++
		case cmp.Equal(got, after):
			done++
		default:
			t.Fatalf("round %d: a killed import left the store neither as before nor as after; against before:\n%s", round, cmp.Diff(before, got))
		}
		report := storeImport(t, store, days[1], nil)
		for _, f := range report.Files {
			if f.Read != f.Stored+f.Compared+f.Rejected {
				t.Errorf("round %d, %s: the resumed import lost records", round, f)
			}
		}
		if diff := cmp.Diff(after, storeState(t, store)); diff != "" {
			t.Fatalf("round %d: the resumed import differs from an undisturbed one (-undisturbed +resumed):\n%s", round, diff)
		}
	}
	t.Logf("%d imports had stored nothing when killed, %d everything", interrupted, done)
}

// child runs the import in a process of its own, which dies at a role of the
// merge, or is killed when limit is over.
func child(t *testing.T, store, files string, dies int, limit time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestImportKilled$")
	cmd.Env = append(os.Environ(), childStore+"="+store, childFiles+"="+files, childDies+"="+strconv.Itoa(dies))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if dies == 0 {
		timer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	// It fails when it was killed. A failure of its own says so.
	if err := cmd.Wait(); err != nil && bytes.Contains(out.Bytes(), []byte("--- FAIL")) {
		t.Fatalf("child: %v\n%s", err, &out)
	}
}

func importUntilDeath(t *testing.T, store string) {
	dies, err := strconv.Atoi(os.Getenv(childDies))
	if err != nil {
		t.Fatal(err)
	}
	roles := 0
	storeImport(t, store, os.Getenv(childFiles), func(fullmakt.RoleCode) bool {
		if roles++; roles == dies {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				panic(fmt.Sprintf("cannot kill myself: %v", err))
			}
			select {}
		}
		return true
	})
}

// TestImportResumes: what an interrupted import had read is not read again.
func TestImportResumes(t *testing.T) {
	r := newRegister(t)
	files := firstDay(r)
	const staged = 1
	f, err := os.Open(files[2])
	if err != nil {
		t.Fatal(err)
	}
	print, err := fingerprint(f, enhetsregisteret.KindRoles)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := openStage(r.opts.StagingDir, enhetsregisteret.KindRoles, print)
	if err != nil {
		t.Fatal(err)
	}
	// As the killed import left it: the first element, with another holder than
	// the file has, to tell whether it is read again.
	change := fullmakt.RegisterChange{Source: fullmakt.SourceOpenData, Org: bergen, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{held("DAGL", fullmakt.OrganisationID(oslo))}}
	if err := s.add(&change); err != nil {
		t.Fatal(err)
	}
	if err := s.flush(false); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	report := r.imports(files...)
	if got := report.Files[2]; got.Resumed != staged || got.Read != 2 {
		t.Errorf("resumed after %d of %d, want %d of 2", got.Resumed, got.Read, staged)
	}
	if got, want := r.org(bergen), "BERGEN AS (AS) active, open-data; DAGL 310000035"; got != want {
		t.Errorf("Bergen AS = %q, want %q", got, want)
	}
	if got, want := r.org(trondheim), "TRONDHEIM AS (AS) active, open-data; DAGL 1970-01-12 kari nordmann; MEDL 1950-02-01 ola nordmann"; got != want {
		t.Errorf("Trondheim AS = %q, want %q", got, want)
	}
}
