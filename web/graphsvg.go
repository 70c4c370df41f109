package web

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// The colours of a drawing that stands alone. On a page the style sheet has others,
// for light and dark.
const (
	inkPlain  = "#1e2b3c"
	inkQuiet  = "#4d5b6b"
	inkStop   = "#a31b1b"
	inkYes    = "#0c6b34"
	paperNode = "#ffffff"
)

// svg writes a drawing that was laid out. Alone, it brings its colours with it;
// else the page's style sheet gives them by class.
func (g *graph) svg(alone bool) string {
	w := &svgWriter{alone: alone}
	w.f(`<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="%d" height="%d" viewBox="0 0 %d %d" role="group" aria-labelledby="graph-title graph-text"`, g.width, g.height, g.width, g.height)
	w.paint(` font-family="Inter, system-ui, sans-serif" font-size="12"`)
	w.f(`><title id="graph-title">%s</title><desc id="graph-text">%s</desc>`, xmlText(g.Title), xmlText(g.Text))
	w.paint(`<rect width="100%" height="100%" fill="#ffffff"/>`)
	w.f(`<defs>`)
	w.f(`<marker id="arrow" class="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"`)
	w.paint(` fill="` + inkQuiet + `"`)
	w.f(`/></marker>`)
	w.f(`</defs>`)
	m := g.measures()
	for _, c := range g.columns {
		w.text("heading", c.x, 14, inkQuiet, "", c.Heading)
	}
	for _, e := range g.Edges {
		w.edge(e, m.node)
	}
	for c := len(g.columns) - 1; c >= 0; c-- { // the reading order is from the left
		for _, n := range g.Nodes {
			if n.column == c {
				w.node(n, m.node)
			}
		}
	}
	w.f("</svg>")
	return w.b.String()
}

// svgWriter writes SVG.
type svgWriter struct {
	b     strings.Builder
	alone bool
}

func (w *svgWriter) f(format string, a ...any) { fmt.Fprintf(&w.b, format, a...) }

// paint writes what only a drawing that stands alone needs.
func (w *svgWriter) paint(s string) {
	if w.alone {
		w.b.WriteString(s)
	}
}

func (w *svgWriter) text(class string, x, y int, ink, more, s string) {
	w.f(`<text class="%s" x="%d" y="%d"%s`, class, x, y, more)
	w.paint(` fill="` + ink + `"`)
	w.f(">%s</text>\n", xmlText(s))
}

// node draws a party as a link.
func (w *svgWriter) node(n *graphNode, width int) {
	w.f(`<a href="%s" aria-label="%s" class="node %s">`, xmlText(n.URL), xmlText(n.words()), n.Kind)
	if strings.HasSuffix(n.lines[len(n.lines)-1], "…") {
		w.f(`<title>%s</title>`, xmlText(n.Name))
	}
	ink, border, more := inkPlain, inkQuiet, ""
	switch n.Kind {
	case graphStopped:
		border, more = inkStop, ` stroke-dasharray="5 4"`
	case graphActs, graphGroup:
		border = inkYes
	}
	if n.Kind == graphGroup { // a second sheet behind the first
		w.f(`<rect class="sheet" x="%d" y="%d" width="%d" height="%d" rx="8"`, n.x+5, n.y-n.h/2+5, width-5, n.h)
		w.paint(` fill="` + paperNode + `" stroke="` + border + `"`)
		w.f(`/>`)
		width -= 5
	}
	w.f(`<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="8"`, n.x, n.y-n.h/2, width, n.h)
	w.paint(` fill="` + paperNode + `" stroke="` + border + `" stroke-width="1.5"` + more)
	w.f(`/>`)
	y := n.y - n.h/2 + graphPad + graphName - 2
	for _, line := range n.lines {
		weight := ""
		if w.alone {
			weight = ` font-size="14" font-weight="600"`
		}
		w.text("name", n.x+graphPad, y, ink, weight, line)
		y += 18
	}
	y--
	if n.Detail != "" {
		w.text("detail", n.x+graphPad, y, inkQuiet, "", cut2(n.Detail, width-2*graphPad))
		y += graphLine
	}
	if n.Status != "" {
		status := inkYes
		if n.Kind == graphStopped {
			status = inkStop
		}
		w.text("may", n.x+graphPad, y, status, "", cut2(n.Status, width-2*graphPad))
	}
	w.f("</a>")
}

// words are those that stand on a node, as they stand there, and more for those who
// hear them.
func (n *graphNode) words() string {
	words := slices.Concat(n.lines, n.said()[1:])
	if n.Said != "" {
		words = append(words, "–", n.Said)
	}
	return strings.Join(words, " ")
}

// cut2 shortens a line of small text to a width where it must be.
func cut2(s string, width int) string {
	if fits(s, graphSmall, width) {
		return s
	}
	return cut(s, graphSmall, width)
}

// edge draws a line with an arrow from a party to the next, with what the one is at
// the other above it. Where it is refused there is no arrow: the line stops at a bar
// with the reason below, and goes on faintly to what it does not reach.
func (w *svgWriter) edge(e *graphEdge, width int) {
	class, ink := "edge", inkQuiet
	if e.Refused {
		class, ink = "edge refused", inkStop
	}
	w.f(`<g class="%s"><title>%s</title>`, class, xmlText(e.From.Name+" → "+e.To.Name+": "+e.words()))
	begin, rest, x, y := e.path(width)
	words := 0
	for _, line := range append(e.label, e.stop...) {
		words = max(words, textWidth(line, graphSmall))
	}
	switch {
	case e.Stop != "":
		w.line(`d="`+begin+fmt.Sprintf("H%d", x+words)+`"`, ink, ` stroke-dasharray="5 4"`)
		w.line(`class="bar" d="`+fmt.Sprintf("M%d %dv16", x+words, y-8)+`"`, ink, ` stroke-width="3"`)
		w.line(`class="beyond" d="`+fmt.Sprintf("M%d %d", x+words, y)+rest+`"`, ink, ` stroke-dasharray="1 4" opacity="0.6"`)
	case e.Refused:
		w.line(`d="`+begin+rest+`"`, ink, ` stroke-dasharray="5 4"`)
	default:
		w.line(`d="`+begin+rest+`" marker-end="url(#arrow)"`, ink, "")
	}
	for i, line := range e.label {
		w.text("label", x, y-6-graphLine*(len(e.label)-1-i), inkPlain, "", line)
	}
	for i, line := range e.stop {
		w.text("stop", x, y+graphLine*(i+1), inkStop, "", line)
	}
	w.f(`</g>`)
}

func (w *svgWriter) line(attributes, ink, more string) {
	w.f(`<path %s`, attributes)
	w.paint(` fill="none" stroke="` + ink + `"` + more)
	w.f(`/>`)
}

// path returns the line of an edge, its beginning and the rest, and where its words
// begin.
func (e *graphEdge) path(width int) (begin, rest string, x, y int) {
	from, to := e.From, e.To
	switch {
	case from.above: // straight down to the object
		x = from.x + 2*graphPad
		return fmt.Sprintf("M%d %d", x, from.y+from.h/2), fmt.Sprintf("V%d", to.y-to.h/2-1), x + 8, (from.y+from.h/2+to.y-to.h/2)/2 + 10
	case from.column <= to.column: // round the left side
		lane := min(from.x, to.x) - graphTrunk - 2*graphLane
		return fmt.Sprintf("M%d %d", from.x, from.y-8), fmt.Sprintf("H%dV%dH%d", lane, to.y-8, to.x-1), lane + 4, (from.y + to.y) / 2
	}
	x, y = from.x+width, e.y
	end := to.y + e.lane()*5
	end = min(max(end, to.y-to.h/2+6), to.y+to.h/2-6)
	trunk := to.x - graphTrunk - e.lane()*graphLane
	begin = fmt.Sprintf("M%d %d", x, y)
	const r = 7
	switch {
	case end == y:
		rest = fmt.Sprintf("H%d", to.x-1)
	case end > y+2*r:
		rest = fmt.Sprintf("H%dq%d 0 %d %dV%dq0 %d %d %dH%d", trunk-r, r, r, r, end-r, r, r, r, to.x-1)
	case end < y-2*r:
		rest = fmt.Sprintf("H%dq%d 0 %d %dV%dq0 %d %d %dH%d", trunk-r, r, r, -r, end+r, -r, r, -r, to.x-1)
	default:
		rest = fmt.Sprintf("H%dL%d %dH%d", trunk-r, trunk+r, end, to.x-1)
	}
	return begin, rest, x + 8, y
}

// lane keeps apart the lines that run down to a node: what stands in its row and
// leads on from it, what is refused, and what only passes by.
func (e *graphEdge) lane() int {
	switch {
	case e.Refused:
		return 1
	case e.From.primary() != e.To:
		return 2
	}
	return 0
}

// xmlText escapes text for SVG, and leaves out what XML cannot hold.
func xmlText(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' || r == '\uFFFE' || r == '\uFFFF' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}
