package web

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
)

// graphFormat is a way to write a drawing.
type graphFormat struct {
	suffix, name, kind string
	write              func(*graph) string
}

// graphFormats are the formats that a drawing can be fetched in.
var graphFormats = []graphFormat{
	{"svg", "SVG", "image/svg+xml", func(g *graph) string { return g.svg(true) }},
	{"mmd", "Mermaid", "text/vnd.mermaid", (*graph).mermaid},
	{"dot", "DOT (Graphviz)", "text/vnd.graphviz", (*graph).dot},
}

// orgGraph answers with the drawing of who acts for an organisation, in the format
// that the address ends in.
func orgGraph(v *view) error {
	suffix := strings.TrimPrefix(path.Ext(v.r.URL.Path), ".")
	at := slices.IndexFunc(graphFormats, func(f graphFormat) bool { return f.suffix == suffix })
	return v.sendGraph(&graphFormats[at])
}

// wantedFormat returns the format that a request for a page would rather have; nil
// for the page.
func (v *view) wantedFormat() *graphFormat {
	first, _, _ := strings.Cut(v.r.Header.Get("Accept"), ",")
	kind, _, _ := strings.Cut(first, ";")
	for i := range graphFormats {
		if graphFormats[i].kind == strings.TrimSpace(kind) {
			return &graphFormats[i]
		}
	}
	return nil
}

// sendGraph answers with the drawing that the page of the same address shows.
func (v *view) sendGraph(format *graphFormat) error {
	no, err := v.organisation()
	if err != nil {
		return err
	}
	if err := v.look(no); err != nil {
		return err
	}
	f, err := v.listFilter()
	if err != nil {
		return err
	}
	list := v.whoActs(&f, no)
	var refused []listLine
	if !f.Hidden {
		refused, _ = v.nearMisses(&f, no, false)
	}
	body := format.write(v.draw(&f, no, list, refused))
	if err := v.record(http.StatusOK); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", format.kind+"; charset=utf-8")
	h.Set("Content-Language", string(v.lang))
	h.Add("Vary", "Accept, Accept-Encoding")
	v.send(http.StatusOK, []byte(body))
	return nil
}

// mermaid writes the drawing as a Mermaid flowchart.
func (g *graph) mermaid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: \"%s\"\n---\nflowchart LR\n", mermaidText(g.Title))
	id := map[*graphNode]int{}
	for i, n := range g.Nodes {
		id[n] = i
		fmt.Fprintf(&b, "  n%d[\"%s\"]:::%s\n", i, strings.Join(mapped(n.said(), mermaidText), "<br>"), n.Kind)
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Refused {
			arrow = "-.->"
		}
		fmt.Fprintf(&b, "  n%d %s|\"%s\"| n%d\n", id[e.From], arrow, mermaidText(e.words()), id[e.To])
	}
	b.WriteString("  classDef stopped stroke-dasharray:5 4\n  classDef for stroke-width:3px\n")
	return b.String()
}

// mermaidText writes text for a quoted label of Mermaid's: everything that is not a
// letter, digit, space or harmless mark goes as a numeric entity.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r), strings.ContainsRune(" .,-()→✔✖–·", r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// dot writes the drawing in Graphviz's language.
func (g *graph) dot() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph fullmakt {\n  label=%s;\n  rankdir=LR;\n  node [shape=box, style=rounded];\n", dotText(g.Title))
	id := map[*graphNode]int{}
	for i, n := range g.Nodes {
		id[n] = i
		style := ""
		switch n.Kind {
		case graphStopped:
			style = `, style="rounded,dashed"`
		case graphFor:
			style = ", penwidth=3"
		}
		fmt.Fprintf(&b, "  n%d [label=%s%s];\n", i, dotText(strings.Join(n.said(), "\n")), style)
	}
	for _, e := range g.Edges {
		style := ""
		if e.Refused {
			style = ", style=dashed"
		}
		fmt.Fprintf(&b, "  n%d -> n%d [label=%s%s];\n", id[e.From], id[e.To], dotText(e.words()), style)
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText writes text as a quoted string of Graphviz's, in which a backslash would
// begin an escape and an ampersand an entity.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", " ", "&", "&amp;").Replace(s) + `"`
}

// said are the lines that stand on a node.
func (n *graphNode) said() []string {
	return slices.DeleteFunc([]string{n.Name, n.Detail, n.Status}, func(s string) bool { return s == "" })
}

func mapped(list []string, f func(string) string) []string {
	for i := range list {
		list[i] = f(list[i])
	}
	return list
}
