package web

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// randomGraph draws paths between a few parties at random: short and long, over an
// extension, refused, in rings, with names of any length.
func randomGraph(seed uint64) *graph {
	rng := rand.New(rand.NewPCG(seed, 1))
	party := func(n int) text.Party {
		return text.Party{No: fullmakt.PartyNo(n), Kind: fullmakt.KindOrganisation, ID: fmt.Sprint(310000000 + n), Name: strings.Repeat("Navn ", 1+n%7) + fmt.Sprint(n)}
	}
	node := func(p text.Party) *graphNode {
		return &graphNode{party: p.No, Name: p.Name, Detail: p.ID, URL: "/org/" + p.ID, Said: p.Name}
	}
	object := party(1)
	g := newGraph(node(object))
	most := 3 + rng.IntN(30)
	for _, refused := range []bool{false, true} {
		for range rng.IntN(20) {
			steps := 1 + rng.IntN(2)
			stop := ""
			if refused {
				steps, stop = 1+rng.IntN(3), "mer enn ett ledd"
			}
			extended := rng.IntN(4) == 0
			var hops []text.Hop
			subject := party(2 + rng.IntN(most))
			from := subject
			for i := range steps {
				to := party(2 + rng.IntN(most))
				if i == steps-1 {
					if to = object; extended {
						to = party(2)
					}
				}
				hops = append(hops, text.Hop{From: from, What: strings.Repeat("rolle ", 1+rng.IntN(6)), To: to})
				from = to
			}
			if extended {
				hops = append(hops, text.Hop{From: from, What: "hovedenhet til", To: object})
			}
			n := node(subject)
			if n.Kind, n.Status = graphActs, "✔ kan bruke"; refused {
				n.Kind, n.Status = graphStopped, "✖ blir stoppet"
			}
			g.add(n, hops, extended, stop, "NEST-3", node)
		}
	}
	g.layOut([]string{"På vegne av", "Gjennom", "Hvem", "For langt"})
	return g
}

// TestDrawingsAreReadable lays many random drawings out: no node lies over another
// or outside the drawing, every node is a link with words, every edge says what it
// is and, where it stops, why.
func TestDrawingsAreReadable(t *testing.T) {
	for seed := range uint64(300) {
		g := randomGraph(seed)
		width := g.measures().node
		for i, n := range g.Nodes {
			if n.y-n.h/2 < graphTop-graphRow || n.y+n.h/2 > g.height || n.x < 0 || n.x+width > g.width {
				t.Errorf("seed %d: %q at %d, %d lies outside %d × %d", seed, n.Name, n.x, n.y, g.width, g.height)
			}
			if n.URL == "" || n.words() == "" {
				t.Errorf("seed %d: %q is no link", seed, n.Name)
			}
			for _, m := range g.Nodes[:i] {
				if n.x == m.x && abs(n.y-m.y) < (n.h+m.h)/2+2 {
					t.Errorf("seed %d: %q lies over %q", seed, n.Name, m.Name)
				}
			}
		}
		for _, e := range g.Edges {
			if len(e.label) == 0 || e.Stop != "" && len(e.stop) == 0 {
				t.Errorf("seed %d: the edge from %q to %q has no words", seed, e.From.Name, e.To.Name)
			}
			if e.From.column <= e.To.column {
				continue // it goes round
			}
			for _, n := range g.Nodes { // it runs along its row until the last gap
				between := n.column < e.From.column && n.column > e.To.column
				if between && abs(e.y-n.y) < n.h/2 {
					t.Errorf("seed %d: the edge from %q to %q passes through %q", seed, e.From.Name, e.To.Name, n.Name)
				}
			}
		}
		wellFormed(t, g.svg(seed%2 == 0))
		if t.Failed() {
			return
		}
	}
}

func abs(n int) int { return max(n, -n) }

// wellFormed wants a drawing that an XML parser reads, and returns its elements.
func wellFormed(t *testing.T, svg string) (elements []xml.StartElement) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		if err != nil {
			t.Errorf("the drawing is no XML: %v\n%s", err, svg)
			return elements
		}
		if e, ok := token.(xml.StartElement); ok {
			elements = append(elements, e.Copy())
			for i, a := range e.Attr { // which the decoder lets pass and browsers do not
				if slices.ContainsFunc(e.Attr[:i], func(b xml.Attr) bool { return a.Name == b.Name }) {
					t.Errorf("<%s> has the attribute %s twice", e.Name.Local, a.Name.Local)
				}
			}
		}
	}
}

func TestWrapped(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		most  int
		want  string
	}{
		{"daglig leder", 100, 2, "daglig leder"},
		{"fullmakt for leverandør (ECKEY)", 100, 3, "fullmakt for|leverandør|(ECKEY)"},
		{"trondheim-integrasjon", 100, 2, "trondheim-|integrasjon"},
		{"én to tre fire fem seks sju åtte", 60, 2, "én to tre|fire fe…"},
		{"Donaudampfschifffahrt", 60, 2, "Donauda|mpfsch…"},
		{"", 60, 2, ""},
		{"  mange \t rom ", 100, 2, "mange rom"},
	} {
		if got := strings.Join(wrapped(c.in, graphSmall, c.width, c.most), "|"); got != c.want {
			t.Errorf("wrapped(%q, %d, %d) = %q, want %q", c.in, c.width, c.most, got, c.want)
		}
	}
}
