package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// How much a drawing shows.
const (
	mostDrawn   = 60  // parties one by one; above, those that act through the same party are one
	mostGrouped = 500 // parties, up to which every group is drawn; above, the largest
	mostGroups  = 40  // groups up to that
	mostSummed  = 12  // groups above it
	mostStopped = 12  // near misses one by one
)

// draw makes the drawing of who acts for a party and who is stopped, laid out.
func (v *view) draw(f *listFilter, no fullmakt.PartyNo, list []acting, refused []listLine) *graph {
	object := v.party(no)
	name := label(v.texts, object)
	d := &drawing{v: v, f: f, object: object, graph: newGraph(&graphNode{
		party: no, Name: name, Detail: v.detail(object), URL: v.url(partyPath(object)),
	})}
	if len(list) <= mostDrawn {
		for i := range list {
			d.acts(&list[i])
		}
		for i := range refused[:min(mostStopped, len(refused))] {
			d.stopped(&refused[i])
		}
		d.rest(len(refused) - mostStopped)
	} else {
		d.groups(list)
		d.rest(len(refused))
	}
	g := d.graph
	g.Title = v.say("list.for", "party", name)
	g.Text = v.say("web.graph.text", "n", len(list), "stopped", len(refused))
	g.layOut([]string{v.say("web.graph.for"), v.say("web.graph.via"), v.say("web.graph.who"), v.say("web.graph.far")})
	return g
}

// drawing is a graph being made.
type drawing struct {
	*graph
	v      *view
	f      *listFilter
	object text.Party
}

// detail is what tells a party from others, as the drawing writes it.
func (v *view) detail(p text.Party) string {
	switch p.Kind {
	case fullmakt.KindOrganisation:
		words := strings.TrimSpace(string(p.Form) + " " + grouped(p))
		if p.State != 0 {
			words = v.texts.State(p.State) + " · " + words
		}
		return words
	case fullmakt.KindPerson:
		return v.say("web.party.born", "date", p.ID)
	}
	return v.texts.Kind(p.Kind)
}

// between makes the node of a party that authority passes through.
func (d *drawing) between(p text.Party) *graphNode {
	name := label(d.v.texts, p)
	return &graphNode{party: p.No, Name: name, Detail: d.v.detail(p), URL: d.v.url(partyPath(p)), Said: d.v.say("web.graph.said.between")}
}

// acts draws one that acts, with all its paths.
func (d *drawing) acts(a *acting) {
	l := d.v.line(d.f, a, false)
	n := d.between(l.Party)
	n.Kind, n.URL = graphActs, l.Why
	switch {
	case l.Uses && l.Gives:
		n.Status = "✔ " + d.v.say("web.graph.use-and-give")
	case l.Gives:
		n.Status = "✔ " + d.v.say("web.graph.give")
	default:
		n.Status = "✔ " + d.v.say("web.graph.use")
	}
	n.Said = d.way(l.Hops)
	for _, p := range a.paths {
		path := d.v.teller().Path(p)
		d.add(n, d.v.texts.Hops(path, d.object), path.Extension != "", "", "", d.between)
	}
}

// stopped draws a near miss.
func (d *drawing) stopped(l *listLine) {
	n := d.between(l.Party)
	n.Kind, n.URL, n.Status = graphStopped, l.Why, "✖ "+d.v.say("web.graph.stopped")
	n.Said = d.v.say("web.graph.said.stopped", "why", l.Stopped, "way", d.way(l.Hops))
	d.add(n, l.Hops, l.Extended, l.Stopped, l.Rule, d.between)
}

// rest draws the near misses that are not drawn one by one.
func (d *drawing) rest(n int) {
	if n <= 0 {
		return
	}
	name := d.v.say("web.graph.rest", "n", n)
	node := &graphNode{Kind: graphStopped, Name: name, Status: "✖ " + d.v.say("web.graph.stopped"), URL: "#refused"}
	d.add(node, []text.Hop{{What: d.v.say("web.graph.see-table"), To: d.object}}, false, d.v.say("web.graph.stopped"), "", d.between)
}

// way tells a path in words that can be heard.
func (d *drawing) way(hops []text.Hop) string {
	words := make([]string, 0, len(hops))
	for _, h := range hops {
		words = append(words, d.v.say("web.graph.said.hop", "what", h.What, "at", label(d.v.texts, h.To)))
	}
	return strings.Join(words, ", ")
}

// actingGroup is those that act through one party, or that hold the same directly.
type actingGroup struct {
	via     fullmakt.PartyNo
	role    *text.Role // of those that hold one directly
	members []*acting
}

// groups draws those that act as groups, the largest first.
func (d *drawing) groups(list []acting) {
	all := d.grouped(list)
	most := mostGroups
	if len(list) > mostGrouped {
		most = mostSummed
	}
	shown, others := all[:min(most, len(all))], &actingGroup{}
	for _, g := range all[len(shown):] {
		others.members = append(others.members, g.members...)
	}
	between := map[fullmakt.PartyNo]bool{}
	for _, g := range shown {
		between[g.via] = true
	}
	for _, g := range slices.Concat(shown, []*actingGroup{others}) {
		// One that others are drawn through is drawn already, and stands in no group.
		g.members = slices.DeleteFunc(g.members, func(a *acting) bool {
			if between[a.Subject] {
				d.acts(a)
			}
			return between[a.Subject]
		})
	}
	for _, g := range shown {
		switch len(g.members) {
		case 0:
		case 1:
			d.acts(g.members[0])
		default:
			d.group(g)
		}
	}
	if n := len(others.members); n > 0 {
		name := d.v.say("web.graph.others", "n", thousands(n), "groups", thousands(len(all)-most))
		d.add(&graphNode{Kind: graphGroup, Name: name, Status: "✔ " + d.v.say("web.graph.acts"), URL: "#list"},
			[]text.Hop{{What: d.v.say("web.graph.see-table"), To: d.object}}, false, "", "", d.between)
	}
}

// grouped divides a list by the party that authority is reached through, and what
// is held directly by role.
func (d *drawing) grouped(list []acting) []*actingGroup {
	type key struct {
		via  fullmakt.PartyNo
		role string
	}
	by := map[key]*actingGroup{}
	var all []*actingGroup
	for i := range list {
		a := &list[i]
		k := key{via: a.through()}
		if k.via == 0 && a.last().Kind == pdp.StepRole {
			k.role = string(d.v.snap.RoleCode(a.last().Role))
		}
		g := by[k]
		if g == nil {
			g = &actingGroup{via: k.via}
			if k.role != "" {
				g.role = d.v.teller().Role(a.last().Role)
			}
			by[k], all = g, append(all, g)
		}
		g.members = append(g.members, a)
	}
	slices.SortStableFunc(all, func(a, b *actingGroup) int { return -cmp.Compare(len(a.members), len(b.members)) })
	return all
}

// group draws one group, and the party that it acts through.
func (d *drawing) group(g *actingGroup) {
	v := d.v
	name := v.say("web.graph.parties", "n", thousands(len(g.members)))
	if !slices.ContainsFunc(g.members, func(a *acting) bool { return v.snap.Kind(a.Subject) != fullmakt.KindPerson }) {
		name = v.say("web.graph.persons", "n", thousands(len(g.members)))
	}
	n := &graphNode{Kind: graphGroup, Name: name, Status: "✔ " + v.say("web.graph.acts")}
	first := v.teller().Path(g.members[0].paths[0])
	hops := v.texts.Hops(first, d.object)
	narrowed := *d.f
	switch {
	case g.via != 0:
		narrowed.Via = v.party(g.via)
		hops[0].What = d.roles(g)
	case g.role != nil:
		narrowed.Role, narrowed.Rule = g.role, fullmakt.RuleDirect
	default:
		narrowed.Rule = fullmakt.RuleDirect
		hops[0].What = v.say("web.graph.given")
	}
	n.URL = v.url(partyPath(d.object), narrowed.address()...)
	n.Said = d.way(hops)
	d.add(n, hops, first.Extension != "", "", "", d.between)
}

// roles tells what the members of a group are at the party they act through: the
// most common, and whether there is more.
func (d *drawing) roles(g *actingGroup) string {
	count := map[string]int{}
	for _, a := range g.members {
		step := d.v.teller().Path(a.paths[0]).Steps
		count[d.v.texts.Step(step[len(step)-1])]++
	}
	var words []string
	for w := range count {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(-cmp.Compare(count[a], count[b]), cmp.Compare(a, b)) })
	if len(words) > 2 {
		return d.v.say("web.graph.and-others", "roles", strings.Join(words[:2], ", "))
	}
	return strings.Join(words, ", ")
}
