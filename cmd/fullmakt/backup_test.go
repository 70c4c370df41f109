package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/google/go-cmp/cmp"
)

// smallStore imports a synthetic register with identity numbers, and returns the
// store's directory.
func smallStore(t *testing.T) (dir string) {
	t.Helper()
	files := filepath.Join(t.TempDir(), "norway")
	dir = filepath.Join(t.TempDir(), "register")
	for _, args := range [][]string{
		{"generate", "--scale", "0.0008", "--seed", "5", "--ccr-all", files},
		{"--data", dir, "import", filepath.Join(files, "enheter.json.gz"), filepath.Join(files, "roller.json.gz"), filepath.Join(files, "baj05800.txt")},
	} {
		if code, out, errs := ask(t, args...); code != 0 {
			t.Fatalf("%v: exit status %d: %s%s", args, code, out, errs)
		}
	}
	return dir
}

// facts are what a store says, as tests compare it.
type facts struct {
	digest string
	seq    fullmakt.Seq
	org    string // one of its organisations
}

// factsOf opens a store and reads it.
func factsOf(t *testing.T, dir, key string) (f facts) {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), node.Options{Data: dir, KeyFile: key, Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	s, err := n.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f = facts{digest: s.Digest(), seq: s.Seq()}
	for no := s.Last(); no > 0 && f.org == ""; no-- {
		if s.Kind(no) == fullmakt.KindOrganisation {
			f.org = s.ID(no).Org.String()
		}
	}
	return f
}

// TestRestoredCopyAnswersTheSame compares a copy with its store: the facts, and
// answers to the letter.
func TestRestoredCopyAnswersTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("it imports a register")
	}
	dir := smallStore(t)
	file, copied, key := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(t.TempDir(), "copied"), dir+".key"
	want := factsOf(t, dir, key)
	if code, _, errs := ask(t, "--data", dir, "backup", file); code != 0 {
		t.Fatal(errs)
	}
	questions := [][]string{
		{"list", "--for", want.org, "-o", "json", "--page-size", "5"},
		{"list", "--by", want.org, "-o", "json"},
		{"explain", want.org, "--for", want.org, "-o", "json"},
	}
	answers := func(dir string) (all []string) {
		for _, question := range questions {
			_, out, errs := ask(t, append([]string{"--data", dir, "--key-file", key}, question...)...)
			all = append(all, out+errs)
		}
		return all
	}
	said := answers(dir)
	// What the store learns after the backup is not in it.
	if code, _, errs := ask(t, "--data", dir, "enterprise-user", "add", "etterpaa", "--org", want.org); code != 0 {
		t.Fatal(errs)
	}
	if factsOf(t, dir, key).digest == want.digest {
		t.Error("the store did not go on, so that the copy could be the store")
	}
	if code, _, errs := ask(t, "--data", copied, "--key-file", key, "restore", file); code != 0 {
		t.Fatal(errs)
	}
	if got := factsOf(t, copied, key); got != want {
		t.Errorf("the copy holds %+v, want %+v", got, want)
	}
	if diff := cmp.Diff(said, answers(copied)); diff != "" {
		t.Error(diff)
	}
}

// TestKeyRotateKilled kills a change of key at random moments. Whatever the
// moment, the same command again finishes, and the facts are the same.
func TestKeyRotateKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills processes")
	}
	dir := smallStore(t)
	key := dir + ".key"
	want := factsOf(t, dir, key)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		cmd := exec.Command(self, "--data", dir, "key", "rotate")
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(150_000)) * time.Microsecond)
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
		opened := 0
		for _, file := range []string{key, key + ".new"} {
			if code, _, _ := ask(t, "--data", dir, "--key-file", file, "list", "--for", want.org, "--page-size", "1", "-o", "json"); code == 0 {
				opened++
			}
		}
		if opened != 1 {
			t.Fatalf("%d of the two keys open the store", opened)
		}
		if code, _, errs := ask(t, "--data", dir, "key", "rotate"); code != 0 {
			t.Fatalf("again: exit status %d: %s", code, errs)
		}
		if got := factsOf(t, dir, key); got != want {
			t.Fatal("the facts have changed")
		}
	}
}
