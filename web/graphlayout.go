package web

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// The measures of the drawing, in pixels at its natural size.
const (
	graphName  = 14 // size of names
	graphSmall = 12 // size of everything else
	graphLine  = 15 // from one line of small text to the next
	graphTop   = 34 // above the first row, for the headings of the columns
	graphRow   = 18 // between one node and the next below
	graphPad   = 10 // inside a node
	graphLane  = 9  // between lines that run down side by side
	graphTrunk = 22 // from a node's left side to the line that gathers what leads to it
)

// graphColumn is a column of the drawing.
type graphColumn struct {
	Heading string
	x       int
}

// graphMeasures are the width of nodes and of the gaps between them by the number
// of columns, so that four still fit a desk.
var graphMeasures = [...]struct{ node, gap int }{1: {220, 0}, 2: {220, 220}, 3: {200, 180}, 4: {160, 148}}

// layOut gives every node its place. Headings name the columns from the object's
// on.
//
// Every node that nothing leads to has a row of its own, and one that others lead to
// stands in the row of the middle one of them that acts. An edge runs along the row of the
// node that it leaves until the gap before the column it goes to, and turns there.
// So no edge passes through a node, and no two nodes touch.
func (g *graph) layOut(headings []string) {
	g.setColumns(headings)
	m := g.measures()
	for _, n := range g.Nodes {
		n.x = g.columns[n.column].x
		n.lines = wrapped(n.Name, graphName, m.node-2*graphPad, 2)
		n.h = 2*graphPad + 18*len(n.lines) - 3
		for _, line := range []string{n.Detail, n.Status} {
			if line != "" {
				n.h += graphLine
			}
		}
		for _, e := range n.targets {
			room := m.gap - graphTrunk - 2*graphLane - 10
			e.label = wrapped(strings.Join(e.Labels, ", "), graphSmall, room, 3)
			if e.stop = nil; e.Stop != "" {
				e.stop = wrapped("✖ "+e.Stop, graphSmall, room, 3)
			}
		}
	}
	r := &rows{children: map[*graphNode][]*graphNode{}, y: graphTop}
	var above []*graphNode
	for _, n := range g.Nodes[1:] {
		if n.above {
			above = append(above, n)
			continue
		}
		r.children[n.primary()] = append(r.children[n.primary()], n)
	}
	for _, list := range r.children {
		slices.SortStableFunc(list, func(a, b *graphNode) int {
			return cmp.Or(cmp.Compare(a.order(), b.order()), -cmp.Compare(len(r.children[a]), len(r.children[b])))
		})
	}
	for _, n := range above {
		r.place(n, 0)
		r.y = max(r.y, n.y+n.h/2) + 2*graphLine // for the words at the line down to the object
	}
	if last := len(above) - 1; last >= 0 && len(r.children[g.object()]) == 0 {
		r.y = above[last].y + above[last].h/2 + 2*graphLine // its column is free below
	}
	r.place(g.object(), 0)
	g.height = r.y
	for _, n := range g.Nodes {
		n.leave()
		g.height = max(g.height, n.y+n.h/2+graphRow)
	}
	g.width = g.columns[0].x + m.node + 2
}

// setColumns tells in which column each node stands, and leaves out columns that
// would be empty.
func (g *graph) setColumns(headings []string) {
	for _, n := range g.Nodes[1:] {
		if n.column = n.mid; n.above {
			n.column = 0
		}
	}
	for _, n := range g.Nodes[1:] {
		if n.mid != 0 || n.above {
			continue
		}
		n.column = 2
		for _, e := range n.targets {
			n.column = max(n.column, e.To.column+1)
		}
	}
	used := map[int]bool{}
	for _, n := range g.Nodes {
		used[n.column] = true
	}
	place, count := map[int]int{}, 0
	g.columns = nil
	for c := range len(headings) {
		if used[c] {
			place[c] = count
			count++
			g.columns = append(g.columns, graphColumn{Heading: headings[c]})
		}
	}
	for _, n := range g.Nodes {
		n.column = place[n.column]
	}
	m := g.measures()
	for c := range g.columns {
		g.columns[c].x = 1 + (count-1-c)*(m.node+m.gap)
	}
}

func (g *graph) measures() struct{ node, gap int } {
	return graphMeasures[min(len(g.columns), len(graphMeasures)-1)]
}

// primary is the node that decides where n stands: of those that it leads to, the
// one nearest the object.
func (n *graphNode) primary() *graphNode {
	nearest := n.targets[0].To
	for _, e := range n.targets {
		if e.To.column < nearest.column {
			nearest = e.To
		}
	}
	return nearest
}

// order puts those that act before those that are stopped.
func (n *graphNode) order() int {
	if n.Kind == graphStopped {
		return 1
	}
	return 0
}

// room is the height of the row that a node needs.
func (n *graphNode) room() int {
	h := 0
	for _, e := range n.targets {
		h += e.room()
	}
	if len(n.targets) == 1 { // the edge leaves from the middle
		e := n.targets[0]
		h = 2 * max(e.over(), e.under())
	}
	return max(n.h, h) + graphRow
}

func (e *graphEdge) over() int  { return graphLine*len(e.label) + 4 }
func (e *graphEdge) under() int { return graphLine*len(e.stop) + 4 }
func (e *graphEdge) room() int  { return e.over() + e.under() + 4 }

// leave tells where the edges leave a node: one from the middle, several one below
// the other.
func (n *graphNode) leave() {
	if len(n.targets) == 1 {
		n.targets[0].y = n.y
		return
	}
	all := 0
	for _, e := range n.targets {
		all += e.room()
	}
	slices.SortStableFunc(n.targets, func(a, b *graphEdge) int { return cmp.Compare(a.To.y, b.To.y) })
	y := n.y - all/2
	for _, e := range n.targets {
		e.y = y + e.over() + 2
		y += e.room()
	}
}

// rows gives out rows from the top.
type rows struct {
	children map[*graphNode][]*graphNode
	y        int
}

// place puts a node and all that leads to it, where least is the height that the
// nodes in the same row need.
func (r *rows) place(n *graphNode, least int) {
	least = max(least, n.room())
	list := r.children[n]
	if len(list) == 0 {
		n.y = r.y + least/2
		r.y += least
		return
	}
	for _, child := range list {
		r.place(child, least)
	}
	acting := list
	if i := slices.IndexFunc(list, func(c *graphNode) bool { return c.Kind == graphStopped }); i > 0 {
		acting = list[:i]
	}
	n.y = acting[(len(acting)-1)/2].y
}

// wrapped breaks text into at most so many lines of a width, at spaces where it
// can; what does not fit ends in an ellipsis.
func wrapped(s string, size, width, most int) (lines []string) {
	line := ""
	words := pieces(s)
	for len(words) > 0 {
		word := words[0]
		joined := line + " " + word
		if strings.HasSuffix(line, "-") {
			joined = line + word
		}
		if line != "" && fits(joined, size, width) {
			line, words = joined, words[1:]
			continue
		}
		if line != "" && len(lines) == most-1 {
			return append(lines, cut(joined, size, width))
		}
		if line != "" {
			lines, line = append(lines, line), ""
		}
		if fits(word, size, width) {
			line, words = word, words[1:]
			continue
		}
		if len(lines) == most-1 {
			return append(lines, cut(word, size, width))
		}
		head := longest(word, size, width)
		lines, words[0] = append(lines, head), word[len(head):]
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// pieces are the parts between which text may be broken: at spaces, and after a
// hyphen inside a word.
func pieces(s string) (list []string) {
	for _, word := range strings.Fields(s) {
		for {
			i := strings.IndexByte(word, '-')
			if i <= 0 || i == len(word)-1 {
				break
			}
			list, word = append(list, word[:i+1]), word[i+1:]
		}
		list = append(list, word)
	}
	return list
}

func fits(s string, size, width int) bool { return textWidth(s, size) <= width }

// cut shortens text to a width, with an ellipsis.
func cut(s string, size, width int) string {
	return strings.TrimRight(longest(s, size, width-size), " ") + "…"
}

// longest is as much from the beginning of a text as fits, and at least one
// character.
func longest(s string, size, width int) string {
	end := 0
	for i, r := range s {
		next := i + len(string(r))
		if end > 0 && !fits(s[:next], size, width) {
			break
		}
		end = next
	}
	return s[:end]
}

// textWidth is how wide text is at most, nearly: the widths of Inter's letters,
// rounded up, since the server has no font to measure. Names are in semi-bold,
// which is wider.
func textWidth(s string, size int) int {
	hundredths := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case strings.ContainsRune("ijlI.,:;'|!()[] ", r):
			hundredths += 31
		case strings.ContainsRune("frt-/", r):
			hundredths += 42
		case strings.ContainsRune("mwMWæÆ@%—…✔✖", r), r > 0x2E80:
			hundredths += 98
		case unicode.IsUpper(r):
			hundredths += 73
		default:
			hundredths += 61
		}
	}
	if size == graphName {
		hundredths += hundredths / 20
	}
	return hundredths*size/100 + 1
}
