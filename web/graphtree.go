package web

import "strings"

// treeNode is a party of the drawing as an outline: below it is what leads to it.
type treeNode struct {
	Node  *graphNode
	What  string // what it is at the party above
	Stop  string // why it goes no further, in words
	Again bool   // what is below it stands at an earlier line
	Below []*treeNode
}

// tree turns the drawing into an outline from the object on. A party that leads to
// several stands below each, and what leads to it below the first.
func (g *graph) tree() *treeNode {
	into := map[*graphNode][]*graphEdge{}
	for _, e := range g.Edges {
		into[e.To] = append(into[e.To], e)
	}
	seen := map[*graphNode]bool{}
	var grow func(n *graphNode) *treeNode
	grow = func(n *graphNode) *treeNode {
		t := &treeNode{Node: n, Again: seen[n]}
		if t.Again {
			return t
		}
		seen[n] = true
		for _, stopped := range []bool{false, true} {
			for _, e := range into[n] {
				if (e.Stop != "") == stopped {
					child := grow(e.From)
					child.What, child.Stop = strings.Join(e.Labels, ", "), e.Stop
					t.Below = append(t.Below, child)
				}
			}
		}
		return t
	}
	return grow(g.object())
}
