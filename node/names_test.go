package node_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
)

// manyParties are so many that the index takes them in over several steps.
const manyParties = 9_000

// many is a register of so many organisations and persons with made-up names.
func many(parties fullmakt.PartyNo) iter.Seq2[fullmakt.Change, error] {
	first, second := []string{"Rask", "Blid", "Artig", "Fyrig", "Yr", "Ærlig"}, []string{"Båt", "Bakeri", "Rør", "Hest", "Tiger", "Ærfugl", "Nord-Norge"}
	return func(yield func(fullmakt.Change, error) bool) {
		number := uint32(31_000_001)
		for no := fullmakt.PartyNo(1); no <= parties; no++ {
			name := fmt.Sprintf("%s %s %d", first[int(no)%len(first)], second[int(no)%len(second)], no)
			var changes []fullmakt.Change
			if no%3 == 0 {
				changes = []fullmakt.Change{fullmakt.Party{No: no, ID: fullmakt.OpenPersonID(fullmakt.Date(no), name), Name: name}}
			} else {
				org := fullmakt.NextOrgNumber(number)
				number = uint32(org)/10 + 1
				changes = []fullmakt.Change{fullmakt.Party{No: no, ID: fullmakt.OrganisationID(org), Name: name + " AS"},
					fullmakt.Organisation{Party: no, Form: "AS", Source: fullmakt.SourceOpenData}}
			}
			for _, c := range changes {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// largeStore makes a store of so many parties and returns its directory.
func largeStore(t *testing.T, parties fullmakt.PartyNo) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	n := openStore(t, dir)
	if _, err := n.Store().Append(t.Context(), 0, morning, "test", many(parties)); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func fill(t *testing.T, n *node.Node) {
	t.Helper()
	if err := n.FillNames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// indexed tells all that a name index holds, and checks what SQLite can check.
func indexed(t *testing.T, dir string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, node.NamesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	all := map[string][]string{}
	read := func(what, query string) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			all[what] = append(all[what], line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	read("doc", "SELECT format('%d %d %d %d %s', no, area, rank, whole, words) FROM doc ORDER BY no")
	read("word", "SELECT format('%s %s %d', text, sound, uses) FROM word ORDER BY text")
	read("near", "SELECT format('%d %s', hash, text) FROM near JOIN word ON id = word ORDER BY 1")
	for _, table := range []string{"organisation_words", "person_words", "user_words"} {
		for _, query := range []string{
			"INSERT INTO " + table + " (" + table + ") VALUES ('integrity-check')",
			"CREATE VIRTUAL TABLE temp." + table + "_v USING fts5vocab('main', '" + table + "', 'row')",
		} {
			if _, err := db.ExecContext(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
		read(table, "SELECT format('%s %d', term, doc) FROM temp."+table+"_v ORDER BY term")
	}
	return all
}

// TestNamesKilled kills the filling of the index at random moments, in a process
// of its own. The next one goes on, and the index is as that of one that was never
// disturbed.
func TestNamesKilled(t *testing.T) {
	if dir := os.Getenv("FULLMAKT_TEST_NAMES"); dir != "" {
		fill(t, openStore(t, dir))
		return
	}
	dir := largeStore(t, manyParties)
	begun := time.Now()
	n := openStore(t, dir)
	fill(t, n)
	takes := time.Since(begun)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	want := indexed(t, dir)
	if len(want["doc"]) != manyParties {
		t.Fatalf("the index holds %d parties, want %d", len(want["doc"]), manyParties)
	}
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	dice := rand.New(rand.NewPCG(3, 4))
	for round := range rounds {
		if err := os.Remove(filepath.Join(dir, node.NamesFile)); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNamesKilled$")
			cmd.Env = append(os.Environ(), "FULLMAKT_TEST_NAMES="+dir)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(dice.Int64N(int64(takes)*3/2)), func() { _ = cmd.Process.Kill() })
			if err := cmd.Wait(); err != nil && bytes.Contains(out.Bytes(), []byte("--- FAIL")) {
				t.Fatalf("child: %v\n%s", err, &out)
			}
			timer.Stop()
		}
		n := openStore(t, dir)
		fill(t, n)
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, indexed(t, dir)); diff != "" {
			t.Fatalf("round %d: the index differs from an undisturbed one (-undisturbed +killed):\n%s", round, diff)
		}
	}
}

// TestNamesWhileFilling: what is in is found, and the answer says how much that is;
// numbers are found from the beginning.
func TestNamesWhileFilling(t *testing.T) {
	n := openStore(t, largeStore(t, manyParties))
	search := func(text string) node.SearchResult {
		t.Helper()
		r, err := n.Search(t.Context(), node.SearchQuery{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const first, last = "Blid Bakeri 1 AS", "Blid Bakeri 8989 AS"
	if r := search(first); len(r.Hits) > 0 || r.Names.Percent() != 0 || r.Names.Complete() {
		t.Errorf("an empty index finds %v and says %d %%", r.Hits, r.Names.Percent())
	}
	if r := search("310000019"); len(r.Hits) != 1 || r.Hits[0].Name != first {
		t.Errorf("the number finds %v, want %s", r.Hits, first)
	}
	if r := search("31000"); len(r.Hits) == 0 {
		t.Error("the beginning of a number finds nothing")
	}
	var percents []int
	err := n.FillNames(t.Context(), func(p node.NamesProgress) {
		percents = append(percents, p.Percent())
		if p.Complete() {
			return
		}
		r := search(first)
		if len(r.Hits) == 0 || r.Hits[0].Name != first {
			t.Errorf("at %d %%, %q finds %v", p.Percent(), first, r.Hits)
		}
		if _, ok := r.Only(); ok {
			t.Errorf("at %d %%, a name is said to be the only one of its kind", p.Percent())
		}
		if r := search(last); slices.ContainsFunc(r.Hits, func(h node.Hit) bool { return h.Name == last }) {
			t.Errorf("at %d %%, the last party is found already", p.Percent())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(percents) || len(slices.Compact(slices.Clone(percents))) < 3 || percents[len(percents)-1] != 100 {
		t.Errorf("progress: %v, want several steps up to 100", percents)
	}
	if h, ok := search(last).Only(); !ok || h.Name != last {
		t.Errorf("at the end %q finds %v", last, h)
	}
}

// TestNamesFollow: an index on disk follows the log in the background, also that of
// another process, and goes on where it was after a restart.
func TestNamesFollow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	writer := openStore(t, dir)
	do(t, writer, morning, bergen()...)
	n := openStore(t, dir)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); n.KeepNames(ctx, time.Millisecond) }()
	defer func() { stop(); <-done }()
	waits := func(text, want string) {
		t.Helper()
		for { // the test's own deadline ends it
			r, err := n.Search(t.Context(), node.SearchQuery{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			found := ""
			if len(r.Hits) > 0 {
				found = r.Hits[0].Name
			}
			if found == want {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	waits("bergen", "Bergen AS")
	do(t, writer, morning.Add(time.Hour), fullmakt.Party{No: 4, ID: fullmakt.OrganisationID(310000035), Name: "Voss AS"}, fullmakt.Organisation{Party: 4, Form: "AS", Source: fullmakt.SourceCCR})
	waits("voss", "Voss AS")
	do(t, writer, morning.Add(2*time.Hour), fullmakt.Party{No: 4, ID: fullmakt.OrganisationID(310000035), Name: "Odda AS"})
	waits("odda", "Odda AS")
	waits("voss", "")
	stop()
	<-done
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	do(t, writer, morning.Add(3*time.Hour), fullmakt.Party{No: 4, ID: fullmakt.OrganisationID(310000035), Name: "Førde AS"})
	again := openStore(t, dir)
	fill(t, again)
	if got := searches(t, again, "førde"); !slices.Equal(got, []string{"Førde AS"}) {
		t.Errorf("after a restart: %q", got)
	}
	if _, err := n.Search(t.Context(), node.SearchQuery{Text: "bergen"}); err == nil {
		t.Error("a closed node searches")
	}
}

// TestNamesForgetThePurged: what was purged, or named anew, is found no more, and
// its old words are not in the files.
func TestNamesForgetThePurged(t *testing.T) {
	dir := largeStore(t, 1000)
	n := openStore(t, dir)
	const rare = "Qvistgaardmoen"
	next := fullmakt.PartyNo(1001)
	person := fullmakt.Party{No: next, ID: fullmakt.PersonID(12817010065), Name: "Kari " + rare}
	renamed := fullmakt.Party{No: next + 1, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_900_000)), Name: rare + " Rør AS"}
	do(t, n, morning.Add(time.Hour), person, renamed, fullmakt.Organisation{Party: next + 1, Form: "AS", Source: fullmakt.SourceCCR})
	fill(t, n)
	if got := searches(t, n, rare); len(got) != 2 {
		t.Fatalf("%s finds %q, want two", rare, got)
	}
	inFiles := func() (names []string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, node.NamesFile+"*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(bytes.ToLower(b), []byte("istgaardmo")) {
				names = append(names, filepath.Base(file))
			}
		}
		return names
	}
	if len(inFiles()) == 0 {
		t.Fatal("the name is in no file, so the test shows nothing")
	}
	renamed.Name = "Odda Rør AS"
	do(t, n, morning.Add(2*time.Hour), fullmakt.Purge{Party: next}, renamed)
	if got := searches(t, n, rare); len(got) > 0 { // before the index has followed
		t.Errorf("%s finds %q after the purge", rare, got)
	}
	fill(t, n)
	if got := searches(t, n, rare); len(got) > 0 {
		t.Errorf("%s finds %q after the index followed", rare, got)
	}
	if files := inFiles(); len(files) > 0 {
		t.Errorf("the purged name is still in %q", files)
	}
	if got := searches(t, n, "odda"); !slices.Equal(got, []string{"Odda Rør AS"}) {
		t.Errorf("the new name finds %q", got)
	}
}

// TestNamesMadeAnew: an index that is damaged, of another version, or of another
// history than the store is made anew, whether that shows at the opening or later.
func TestNamesMadeAnew(t *testing.T) {
	dir := largeStore(t, 1000)
	file := filepath.Join(dir, node.NamesFile)
	n := openStore(t, dir)
	fill(t, n)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := indexed(t, dir)
	garbage := bytes.Clone(good)
	for i := 4096; i < len(garbage); i++ {
		garbage[i] = byte(i * 7)
	}
	change := func(query string) func() error {
		return func() error {
			if err := os.WriteFile(file, good, 0o600); err != nil {
				return err
			}
			db, err := sql.Open("sqlite", file)
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.ExecContext(t.Context(), query)
			return err
		}
	}
	for what, spoil := range map[string]func() error{
		"no SQLite file":   func() error { return os.WriteFile(file, []byte(strings.Repeat("not a database ", 1000)), 0o600) },
		"pages of garbage": func() error { return os.WriteFile(file, garbage, 0o600) },
		"cut short":        func() error { return os.WriteFile(file, good[:len(good)/2], 0o600) },
		"another version":  change("PRAGMA user_version = 99"),
		"another history":  change("UPDATE position SET at = at + 1"),
		"ahead":            change("UPDATE position SET seq = 7"),
	} {
		t.Run(what, func(t *testing.T) {
			if err := spoil(); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			c, err := catalogue.Embedded()
			if err != nil {
				t.Fatal(err)
			}
			n, err := node.Open(t.Context(), node.Options{Data: dir, KeyFile: dir + ".key", Catalogue: c, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			for _, text := range []string{"rask", "Blid Bakeri 1 AS", "bakri", "r"} { // some of it reads what is damaged
				if _, err := n.Search(t.Context(), node.SearchQuery{Text: text}); err != nil {
					t.Errorf("search: %v", err)
				}
			}
			fill(t, n)
			if h := searches(t, n, "Blid Bakeri 1 AS"); len(h) == 0 || h[0] != "Blid Bakeri 1 AS" {
				t.Errorf("found %q", h)
			}
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, indexed(t, dir)); diff != "" {
				t.Errorf("the index differs from a good one (-good +made anew):\n%s", diff)
			}
			for _, s := range []string{"Bakeri", "bakri", "rask"} {
				if strings.Contains(log.String(), s) {
					t.Errorf("the log tells names or what was typed: %s", &log)
				}
			}
		})
	}
}
