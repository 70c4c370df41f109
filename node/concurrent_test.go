package node_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	give "github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// The processes that TestWritersAndReadersWithKills starts find their work here.
const (
	concurrentStore = "FULLMAKT_TEST_CONCURRENT_STORE"
	concurrentAs    = "FULLMAKT_TEST_CONCURRENT_AS" // "reader", or the number of a writer
)

const concurrentWriters = 3

var concurrentPackages = []string{"skatt-naering", "jordbruk", "tilgangsstyrer", "klientadministrator"}

// receiver is the person to whom a writer gives, and from whom it takes back.
func receiver(writer int) fullmakt.PartyNo { return fullmakt.PartyNo(8 + writer) }

func openConcurrent(ctx context.Context, dir string, create bool) (*node.Node, error) {
	c, err := catalogue.Embedded()
	if err != nil {
		return nil, err
	}
	return node.Open(ctx, node.Options{Data: dir, KeyFile: filepath.Join(dir, "key"), CreateKey: create, Catalogue: c})
}

// TestWritersAndReadersWithKills lets writers in processes of their own give and
// take back in one store, and kills them. Whatever was acknowledged stands, what
// was begun stands wholly or not at all, and every answer that readers got
// meanwhile, in goroutines and in another process, is right for its revision,
// which is never older than the one the reader knew of.
func TestWritersAndReadersWithKills(t *testing.T) {
	if dir := os.Getenv(concurrentStore); dir != "" {
		if err := concurrentChild(dir, os.Getenv(concurrentAs)); err != nil {
			fmt.Println("error", err)
		}
		os.Exit(0)
	}
	ctx, dir := t.Context(), t.TempDir()
	n, err := openConcurrent(ctx, dir, true)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	world := accountant()
	for w := range concurrentWriters {
		id, ok := fullmakt.SyntheticNationalID(1+w, 3, 70, 100+w)
		for i := 101 + w; !ok; i++ {
			id, ok = fullmakt.SyntheticNationalID(1+w, 3, 70, i)
		}
		world = append(world, fullmakt.Party{No: receiver(w), ID: fullmakt.PersonID(id), Name: fmt.Sprint("Mottaker ", w)})
	}
	if _, err := n.Store().Append(ctx, 0, morning, "world", sequence(world)); err != nil {
		t.Fatal(err)
	}
	c := &concurrent{t: t, dir: dir, begun: map[string]string{}, stands: map[string]string{}}
	c.token.Store(1)
	rounds := 5
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		c.round(n)
	}
	c.right(n)
	t.Logf("%d acknowledged in %d rounds of kills, %d answers", c.acknowledged.Load(), rounds, len(c.answers))
}

// concurrent is what the test knows of the processes that it started.
type concurrent struct {
	t            *testing.T
	dir          string
	token        atomic.Uint64 // the latest revision that anybody was told of
	acknowledged atomic.Int64
	mu           sync.Mutex
	begun        map[string]string // writer and package: what was begun and not acknowledged
	stands       map[string]string // likewise: what was last acknowledged
	answers      []seenAnswer
}

// seenAnswer is what a reader was told.
type seenAnswer struct {
	seq     uint64
	writer  int
	pkg     string
	allowed bool
}

// round starts the processes, and kills the writers after a number of revisions.
func (c *concurrent) round(n *node.Node) {
	target := c.acknowledged.Load() + 10 + rand.Int64N(15)
	var writers sync.WaitGroup
	var running []*exec.Cmd
	stop := make(chan struct{})
	for w := range concurrentWriters {
		cmd, _, out := c.start(fmt.Sprint(w))
		running = append(running, cmd)
		writers.Go(func() { c.listen(w, out) })
	}
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for until(stop) {
				token := c.token.Load()
				s, err := n.Snapshot(context.Background())
				if err != nil {
					c.t.Error(err)
					return
				}
				w, pkg := rand.IntN(concurrentWriters), concurrentPackages[rand.IntN(len(concurrentPackages))]
				c.saw(token, seenAnswer{uint64(s.Seq()), w, pkg, mayUse(s, w, pkg)})
			}
		})
	}
	reader, in, out := c.start("reader")
	readers.Go(func() {
		lines := bufio.NewScanner(out)
		for until(stop) {
			token, a := c.token.Load(), seenAnswer{writer: rand.IntN(concurrentWriters), pkg: concurrentPackages[rand.IntN(len(concurrentPackages))]}
			fmt.Fprintln(in, a.writer, a.pkg)
			if !lines.Scan() {
				c.t.Error("the reading process ended by itself")
				return
			}
			if _, err := fmt.Sscan(lines.Text(), &a.seq, &a.allowed); err != nil {
				c.t.Errorf("the reading process says %q", lines.Text())
				return
			}
			c.saw(token, a)
		}
	})
	for deadline := time.Now().Add(2 * time.Minute); c.acknowledged.Load() < target && !c.t.Failed(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Error("the writers do not get on")
		}
	}
	for _, cmd := range running {
		_ = cmd.Process.Kill()
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	_ = in.Close()
	for _, cmd := range append(running, reader) {
		_ = cmd.Wait()
	}
}

func until(stop chan struct{}) bool {
	select {
	case <-stop:
		return false
	default:
		return true
	}
}

func (c *concurrent) start(as string) (*exec.Cmd, io.WriteCloser, io.ReadCloser) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestWritersAndReadersWithKills$")
	cmd.Env = append(os.Environ(), concurrentStore+"="+c.dir, concurrentAs+"="+as)
	in, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return cmd, in, out
}

// listen takes what a writer says: "begin PACKAGE given", "done PACKAGE REVISION".
func (c *concurrent) listen(w int, out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) != 3 {
			c.t.Errorf("writer %d says %q", w, lines.Text())
			return
		}
		key := fmt.Sprint(w, " ", words[1])
		c.mu.Lock()
		switch words[0] {
		case "begin":
			// A writer begins with what it found: what was acknowledged, or what one
			// that was killed had begun and stored without a word.
			found := map[string]string{"given": "ended", "ended": "given"}[words[2]]
			if stood, known := c.stands[key]; known && found != stood && found != c.begun[key] {
				c.t.Errorf("writer and package %s: acknowledged as %s, found as %s", key, stood, found)
			}
			c.stands[key], c.begun[key] = found, words[2]
		case "done":
			var seq uint64
			if _, err := fmt.Sscan(words[2], &seq); err != nil {
				c.t.Error(err)
			}
			c.stands[key] = c.begun[key]
			delete(c.begun, key)
			for old := c.token.Load(); old < seq && !c.token.CompareAndSwap(old, seq); {
				old = c.token.Load()
			}
			c.acknowledged.Add(1)
		default:
			c.t.Errorf("writer %d says %q", w, lines.Text())
		}
		c.mu.Unlock()
	}
}

func (c *concurrent) saw(token uint64, a seenAnswer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.seq < token {
		c.t.Errorf("an answer of revision %d to who knew of %d", a.seq, token)
	}
	c.answers = append(c.answers, a)
}

func mayUse(s *index.Snapshot, writer int, pkg string) bool {
	q := pdp.Ask(receiver(writer), 1, morning.Unix()+1)
	q.Package, _ = s.Catalogue().PackageID(pkg)
	return pdp.Decide(s, q).Allowed
}

// right checks everything against the log.
func (c *concurrent) right(n *node.Node) {
	in := map[string]bool{} // at the revision that the log has come to
	key := func(seq uint64, w int, pkg string) string { return fmt.Sprint(seq, " ", w, " ", pkg) }
	at := map[string]bool{}
	var last uint64
	fill := func(to uint64) {
		for ; last < to; last++ {
			for w := range concurrentWriters {
				for _, pkg := range concurrentPackages {
					at[key(last, w, pkg)] = in[fmt.Sprint(w, " ", pkg)]
				}
			}
		}
	}
	for entry, err := range n.Store().Changes(c.t.Context(), 0) {
		if err != nil {
			c.t.Fatal(err)
		}
		fill(uint64(entry.Seq))
		if g, ok := entry.Change.(fullmakt.Grant); ok {
			in[fmt.Sprint(int(g.To-receiver(0)), " ", g.Package)] = !g.Ended
		}
	}
	fill(last + 1)
	for _, a := range c.answers {
		if want, known := at[key(a.seq, a.writer, a.pkg)]; !known || want != a.allowed {
			c.t.Errorf("at revision %d, %s of writer %d: answered %t, the log says %t (known: %t)", a.seq, a.pkg, a.writer, a.allowed, want, known)
		}
	}
	for k, stands := range c.stands {
		got := map[bool]string{true: "given", false: "ended"}[in[k]]
		if begun, unsure := c.begun[k]; got != stands && !(unsure && got == begun) {
			c.t.Errorf("writer and package %s: acknowledged as %s, stands as %s", k, stands, got)
		}
	}
}

// concurrentChild is a process: a reader that answers lines of its input, or a
// writer that gives and takes back until it is killed.
func concurrentChild(dir, as string) error {
	ctx := context.Background()
	n, err := openConcurrent(ctx, dir, false)
	if err != nil {
		return err
	}
	defer n.Close()
	if as == "reader" {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			var w int
			var pkg string
			if _, err := fmt.Sscan(lines.Text(), &w, &pkg); err != nil {
				return err
			}
			s, err := n.Snapshot(ctx)
			if err != nil {
				return err
			}
			fmt.Println(uint64(s.Seq()), mayUse(s, w, pkg))
		}
		return nil
	}
	var w int
	if _, err := fmt.Sscan(as, &w); err != nil {
		return err
	}
	for {
		pkg := concurrentPackages[rand.IntN(len(concurrentPackages))]
		s, err := n.Snapshot(ctx)
		if err != nil {
			return err
		}
		given := mayUse(s, w, pkg)
		fmt.Println("begin", pkg, map[bool]string{true: "ended", false: "given"}[given])
		for {
			seq, err := n.Do(ctx, morning.Add(time.Second), "test", func(s *index.Snapshot) ([]fullmakt.Change, error) {
				a := &give.Acting{Snapshot: s, At: morning.Unix() + 1}
				items := []give.Item{{Package: pkg}}
				var out *give.Outcome
				var err error
				if given {
					out, err = a.Revoke(give.Revoke{From: 1, To: receiver(w), Items: items})
				} else {
					out, err = a.Give(give.Give{From: 1, To: receiver(w), Identified: true, Items: items})
				}
				if err != nil {
					return nil, err
				}
				return out.Changes, nil
			})
			if fullmakt.ErrorCode(err) == fullmakt.CodeConflict {
				continue // others came first eight times; nothing was stored
			}
			if err != nil {
				return err
			}
			fmt.Println("done", pkg, uint64(seq))
			break
		}
	}
}

func sequence(changes []fullmakt.Change) func(func(fullmakt.Change, error) bool) {
	return func(yield func(fullmakt.Change, error) bool) {
		for _, ch := range changes {
			if !yield(ch, nil) {
				return
			}
		}
	}
}
