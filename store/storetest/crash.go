package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
)

// crashDir is the environment variable that makes the test binary the process
// that the crash test kills.
const crashDir = "FULLMAKT_STORETEST_CRASH"

// Main runs the tests of a package that calls Run: use it in TestMain, as
// os.Exit(storetest.Main(m, open)).
func Main(m *testing.M, open Opener) int {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return m.Run()
	}
	if err := writeForever(open, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// writeForever goes on from the store's head and tells each revision that is in.
func writeForever(open Opener, dir string) error {
	ctx := context.Background()
	db, err := open(ctx, dir)
	if err != nil {
		return err
	}
	head, err := db.Head(ctx)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for seq := head.Seq; ; {
		if seq, err = db.Append(ctx, seq, moment(int(seq)+1), "crash", of(crashBatch(seq+1)...)); err != nil {
			return errors.Join(err, db.Close())
		}
		fmt.Println(seq)
	}
}

// crashParties is how many parties each revision of the crash test brings: now
// and then so many that the store's page cache spills into the file before the
// end.
func crashParties(seq fullmakt.Seq) fullmakt.PartyNo {
	if seq%4 == 1 {
		return 1500
	}
	return 7
}

// crashBatch returns the changes of revision seq: the same each time.
func crashBatch(seq fullmakt.Seq) []fullmakt.Change {
	first := fullmakt.PartyNo(1)
	for s := fullmakt.Seq(1); s < seq; s++ {
		first += crashParties(s)
	}
	rnd := rand.New(rand.NewPCG(uint64(seq), 0))
	var changes []fullmakt.Change
	for no := first; no < first+crashParties(seq); no++ {
		p := fullmakt.Party{No: no, ID: fullmakt.OrganisationID(fullmakt.OrgNumber(300_000_000 + no)), Name: fmt.Sprintf("Selskap %d", no)}
		changes = append(changes, p, fullmakt.Organisation{Party: no, Form: "AS", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 1 + fullmakt.PartyNo(rnd.IntN(int(no)))}}})
	}
	for range 20 {
		changes = append(changes, fullmakt.Organisation{Party: 1 + fullmakt.PartyNo(rnd.IntN(int(first))), Form: fullmakt.OrgForm(fmt.Sprint("F", seq%30))})
	}
	return append(changes, fullmakt.Feed{Name: "crash", Cursor: strconv.Itoa(int(seq))})
}

// testCrash kills a writing process at random moments. Whatever the moment, the
// store holds a prefix of the log: all that was reported and nothing in part.
func testCrash(t *testing.T, open Opener) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kills, dir, m := 12, t.TempDir(), newModel()
	if testing.Short() {
		kills = 3
	}
	for range kills {
		reported := writeUntilKilled(t, self, dir)
		db, err := open(t.Context(), dir)
		if err != nil {
			t.Fatalf("open after the kill: %v", err)
		}
		head := headSeq(t, db)
		if head < reported {
			t.Errorf("revision %d was reported and is not there; the head is %d", reported, head)
		}
		for m.head() < head {
			m.append(crashBatch(m.head() + 1))
			m.states[m.head()-1] = nil // the past is not compared
		}
		same(t, "state after the kill", state(t, db), m.state())
		clean(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// writeUntilKilled starts a writing process, kills it after a random number of
// revisions and a random while, and returns the last revision that it reported.
func writeUntilKilled(t *testing.T, self, dir string) (reported fullmakt.Seq) {
	t.Helper()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range 1 + rand.IntN(10) {
		if !lines.Scan() {
			break
		}
		if seq, err := strconv.Atoi(lines.Text()); err == nil {
			reported = fullmakt.Seq(seq)
		}
	}
	time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if seq, err := strconv.Atoi(lines.Text()); err == nil {
			reported = fullmakt.Seq(seq)
		}
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
		t.Fatalf("the writing process ended by itself: %v %s", err, stderr.String())
	}
	return reported
}
