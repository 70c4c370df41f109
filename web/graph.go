package web

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// graph is who may act for a party, and who is stopped on the way, as a drawing:
// parties, each once, and what each is at the next. It is laid out in columns, from
// who acts on the left to whom it is for on the right, and written as SVG, Mermaid
// or DOT.
type graph struct {
	Title, Text string // said of the whole drawing
	Nodes       []*graphNode
	Edges       []*graphEdge

	by            map[fullmakt.PartyNo]*graphNode
	width, height int // of the layout
	columns       []graphColumn
}

// graphKind tells what a party is in the drawing.
type graphKind uint8

const (
	graphBetween graphKind = iota // authority passes through it
	graphActs                     // may act
	graphStopped                  // almost may
	graphFor                      // whom it is about
	graphGroup                    // several that may act, as one
)

var graphKindNames = [...]string{"between", "acts", "stopped", "for", "group"}

// String returns the kind as the style sheet names it.
func (k graphKind) String() string { return graphKindNames[k] }

// graphNode is a party, or a group of parties, in the drawing.
type graphNode struct {
	Kind   graphKind
	Name   string
	Detail string // what tells it from others of the same name
	Status string // what it may, in words
	URL    string
	Said   string // how it comes to that, for those who hear the page

	party   fullmakt.PartyNo // 0 for a group
	mid     int              // the least distance from the object at which authority passes through it; 0 for never
	above   bool             // the main unit or sole proprietorship of the extension, which stands with the object
	column  int              // 0 is the object's
	targets []*graphEdge     // out of it
	lines   []string         // of the name
	x, y    int              // the middle of its left side
	h       int
}

// graphEdge leads from a party to one at which it is something.
type graphEdge struct {
	From, To *graphNode
	Labels   []string // what it is there
	Refused  bool
	Stop     string        // why authority goes no further here, in words; "" where it does not stop
	Rule     fullmakt.Rule // that stopped it

	label, stop []string // in lines
	y           int      // where it leaves its node
}

// newGraph begins a drawing about a party.
func newGraph(object *graphNode) *graph {
	object.Kind = graphFor
	return &graph{Nodes: []*graphNode{object}, by: map[fullmakt.PartyNo]*graphNode{object.party: object}}
}

// object is whom the drawing is about.
func (g *graph) object() *graphNode { return g.Nodes[0] }

// add draws a path from the subject, whose node says what it may. Between makes the
// node of a party on the way that is not drawn yet. Permitting paths are to be
// added before those that are stopped.
func (g *graph) add(subject *graphNode, hops []text.Hop, extended bool, stop string, rule fullmakt.Rule, between func(text.Party) *graphNode) {
	from := g.node(subject)
	if from.Kind == graphBetween { // drawn before as one that others act through
		from.Kind, from.Status, from.URL, from.Said = subject.Kind, subject.Status, subject.URL, subject.Said
	}
	away := len(hops) // from the object, where the party above it counts as the object
	if extended {
		away--
	}
	for i, hop := range hops {
		to := g.by[hop.To.No]
		if to == nil {
			to = g.node(between(hop.To))
		}
		if away--; away == 0 && extended && to != g.object() {
			to.above = true
		}
		if away > 0 && to != g.object() && (to.mid == 0 || away < to.mid) {
			to.mid = away
		}
		e := g.edge(from, to, hop.What, stop != "")
		if stop != "" && i == 0 && e != nil && e.Refused {
			e.Stop, e.Rule = stop, rule
		}
		from = to
	}
}

// node returns the node of the same party, which is n if there is none yet.
func (g *graph) node(n *graphNode) *graphNode {
	if n.party != 0 {
		if drawn := g.by[n.party]; drawn != nil {
			return drawn
		}
		g.by[n.party] = n
	}
	g.Nodes = append(g.Nodes, n)
	return n
}

// edge returns the edge between two parties with the label added; nil for a party
// that is something at itself, which is not drawn.
func (g *graph) edge(from, to *graphNode, label string, refused bool) *graphEdge {
	if from == to {
		return nil
	}
	at := slices.IndexFunc(from.targets, func(e *graphEdge) bool { return e.To == to })
	if at < 0 {
		e := &graphEdge{From: from, To: to, Labels: []string{label}, Refused: refused}
		from.targets, g.Edges = append(from.targets, e), append(g.Edges, e)
		return e
	}
	e := from.targets[at]
	if !slices.Contains(e.Labels, label) && (!refused || e.Refused) {
		e.Labels = append(e.Labels, label)
	}
	return e
}

// words is all that stands at an edge, in one line.
func (e *graphEdge) words() string {
	line := strings.Join(e.Labels, ", ")
	if e.Stop != "" {
		line += " – ✖ " + e.Stop + " (" + string(e.Rule) + ")"
	}
	return line
}
