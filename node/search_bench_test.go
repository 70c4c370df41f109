package node_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// BenchmarkSearch fills the name index of the register of BenchmarkNorway, and
// then searches it with queries of each kind, drawn from the register's own names.
// It reports the middle, the 95th and the greatest of the times, in milliseconds.
func BenchmarkSearch(b *testing.B) {
	ctx := b.Context()
	w, err := makeNorway(b)
	if err != nil {
		b.Fatal(err)
	}
	defer w.node.Close()
	b.Run("Fill", func(b *testing.B) { benchFill(b, w) })
	rng := rand.New(rand.NewPCG(5, 6))
	draw := func(kind fullmakt.PartyKind) string {
		for {
			if no := fullmakt.PartyNo(1 + rng.IntN(int(w.s.Last()))); w.s.Kind(no) == kind && w.s.Name(no) != "" {
				return w.s.Name(no)
			}
		}
	}
	words := func(kind fullmakt.PartyKind, n int) string {
		f := strings.Fields(draw(kind))
		rng.Shuffle(len(f), func(i, j int) { f[i], f[j] = f[j], f[i] })
		return strings.Join(f[:min(n, len(f))], " ")
	}
	either := func() fullmakt.PartyKind { return fullmakt.PartyKind(1 + rng.IntN(2)) }
	number := func() string {
		for {
			if id := w.s.ID(fullmakt.PartyNo(1 + rng.IntN(int(w.s.Last())))); id.Kind == fullmakt.KindOrganisation {
				return id.Org.Grouped()
			}
		}
	}
	common := []string{"AS", "A", "Berg", "Hansen", "Andektig", "Sameiet", "Avd", "Kommune", "Andektig Agurkbalje", "Artig AS", "Barsk Blid", "og", "Bø", "Nuf"}
	for _, class := range []struct {
		name string
		text func() string
	}{
		{"OneLetter", func() string { return beginning(draw(either()), 1) }},
		{"TwoLetters", func() string { return beginning(draw(either()), 2) }},
		{"TwoWordsOneLetterEach", func() string {
			f := strings.Fields(words(either(), 2) + " a")
			return beginning(f[0], 1) + " " + beginning(f[1], 1)
		}},
		{"Typing", func() string { name := draw(either()); return beginning(name, 3+rng.IntN(len(name))) }},
		{"Common", func() string { return common[rng.IntN(len(common))] }},
		{"OneWord", func() string { return words(either(), 1) }},
		{"TwoWords", func() string { return words(either(), 2) }},
		{"TwoWordsOfTwoNames", func() string { k := either(); return words(k, 1) + " " + words(k, 1) }},
		{"WholeName", func() string { return draw(either()) }},
		{"OneTypo", func() string { return misspelt(rng, draw(either())) }},
		{"TwoTypos", func() string { return misspelt(rng, misspelt(rng, draw(either()))) }},
		{"OneWordWithTypo", func() string { return misspelt(rng, words(either(), 1)) }},
		{"Nonsense", func() string { return misspelt(rng, "qxzjwv") + " " + misspelt(rng, "pkrvht") }},
		{"Number", number},
		{"NumberTyping", func() string { return beginning(number(), 1+rng.IntN(10)) }},
	} {
		texts := make([]string, 400)
		for i := range texts {
			texts[i] = class.text()
		}
		b.Run(class.name, func(b *testing.B) {
			var took []float64
			slowest := ""
			for i := 0; b.Loop(); i++ {
				text := texts[i%len(texts)]
				began := time.Now()
				if _, err := w.node.Search(ctx, node.SearchQuery{Text: text, Limit: 10}); err != nil {
					b.Fatal(err)
				}
				ms := float64(time.Since(began).Microseconds()) / 1000
				if len(took) == 0 || ms > slices.Max(took) {
					slowest = text
				}
				took = append(took, ms)
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "p50-ms")
			b.ReportMetric(took[len(took)*95/100], "p95-ms")
			b.ReportMetric(took[len(took)-1], "max-ms")
			b.Logf("slowest: %s", slowest)
		})
	}
	b.Run("Hits", func(b *testing.B) { // that the queries find what they were made from
		missed := 0
		for range 400 {
			kind := either()
			name := draw(kind)
			r, err := w.node.Search(ctx, node.SearchQuery{Text: misspelt(rng, name), Limit: 10, Kinds: []fullmakt.PartyKind{kind}})
			if err != nil {
				b.Fatal(err)
			}
			if !slices.ContainsFunc(r.Hits, func(h node.Hit) bool { return h.Name == name }) {
				missed++
			}
		}
		b.ReportMetric(float64(missed)/4, "%missed-with-one-typo")
	})
}

// benchFill fills the index as a server does, if it is not filled yet, and makes
// decisions meanwhile.
func benchFill(b *testing.B, w *norway) {
	const interval = 10 * time.Millisecond
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	progress := func() node.NamesProgress {
		p, err := w.node.NamesProgress(ctx)
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	pkg := packageID(b, w, "skatt-naering")
	decide := func(i int) time.Duration {
		p := &w.pairs[i&(len(w.pairs)-1)]
		began := time.Now()
		q := pdp.Ask(w.s.Lookup(p.subject), w.s.Lookup(p.object), w.s.At().Unix())
		q.Package = pkg
		pdp.Decide(w.s, q)
		return time.Since(began)
	}
	report := func(when string, took []time.Duration) {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2]), "p50-ns-"+when)
		b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns-"+when)
	}
	const decisions = 200_000
	alone := make([]time.Duration, decisions)
	for i := range alone {
		alone[i] = decide(i)
	}
	began := time.Now()
	done := make(chan struct{})
	empty := !progress().Complete()
	go func() { defer close(done); w.node.KeepNames(ctx, interval) }()
	var filling []time.Duration
	for i := 0; !progress().Complete(); i += decisions {
		for j := range decisions {
			if took := decide(i + j); len(filling) < 10*decisions {
				filling = append(filling, took)
			}
		}
	}
	b.ReportMetric(float64(progress().Parties), "parties")
	if empty {
		report("alone", alone)
		report("filling", filling)
		b.ReportMetric(time.Since(began).Seconds(), "s")
	}
	stop()
	<-done
	if err := w.node.FillNames(b.Context(), nil); err != nil { // and merge
		b.Fatal(err)
	}
	if size, err := os.Stat(filepath.Join(w.dir, "store", node.NamesFile)); err == nil {
		b.ReportMetric(float64(size.Size())/1e6, "MB")
	}
}

// beginning is the first characters of a text.
func beginning(text string, n int) string {
	r := []rune(text)
	return string(r[:min(n, len(r))])
}

// misspelt changes one letter of a word of more than three.
func misspelt(rng *rand.Rand, text string) string {
	words := strings.Fields(text)
	var long []int
	for i, w := range words {
		if len([]rune(w)) > 3 {
			long = append(long, i)
		}
	}
	if len(long) == 0 {
		return text
	}
	w := &words[long[rng.IntN(len(long))]]
	r := []rune(*w)
	i := rng.IntN(len(r) - 1)
	letter := rune('a' + rng.IntN(26))
	switch rng.IntN(4) {
	case 0:
		r[i] = letter
	case 1:
		r = slices.Delete(r, i, i+1)
	case 2:
		r = slices.Insert(r, i, letter)
	default:
		r[i], r[i+1] = r[i+1], r[i]
	}
	*w = string(r)
	return strings.Join(words, " ")
}
