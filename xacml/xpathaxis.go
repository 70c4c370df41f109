package xacml

import (
	"cmp"
	"slices"
)

// xpathAxis is an axis (XPath 1.0, section 2.2): walk calls visit for each node,
// nearest first, until it returns false.
type xpathAxis struct {
	walk       func(n *xmlNode, visit func(*xmlNode) bool) bool
	attributes bool // the principal node type is attribute
}

// The axes, by name. There is no namespace axis, which XPath 2.0 deprecates.
var xpathAxes = map[string]xpathAxis{
	"self":               {walk: func(n *xmlNode, visit func(*xmlNode) bool) bool { return visit(n) }},
	"child":              {walk: walkChildren},
	"descendant":         {walk: walkDescendants},
	"descendant-or-self": {walk: walkSubtree},
	"parent": {walk: func(n *xmlNode, visit func(*xmlNode) bool) bool {
		return n.parent == nil || visit(n.parent)
	}},
	"ancestor": {walk: walkAncestors},
	"ancestor-or-self": {walk: func(n *xmlNode, visit func(*xmlNode) bool) bool {
		return visit(n) && walkAncestors(n, visit)
	}},
	"following-sibling": {walk: func(n *xmlNode, visit func(*xmlNode) bool) bool {
		_, after := n.siblings()
		for _, s := range after {
			if !visit(s) {
				return false
			}
		}
		return true
	}},
	"preceding-sibling": {walk: func(n *xmlNode, visit func(*xmlNode) bool) bool {
		before, _ := n.siblings()
		for _, s := range slices.Backward(before) {
			if !visit(s) {
				return false
			}
		}
		return true
	}},
	"following": {walk: walkFollowing},
	"preceding": {walk: walkPreceding},
	"attribute": {attributes: true, walk: func(n *xmlNode, visit func(*xmlNode) bool) bool {
		for _, a := range n.attributes {
			if !visit(a) {
				return false
			}
		}
		return true
	}},
}

func walkChildren(n *xmlNode, visit func(*xmlNode) bool) bool {
	for _, c := range n.children {
		if !visit(c) {
			return false
		}
	}
	return true
}

func walkDescendants(n *xmlNode, visit func(*xmlNode) bool) bool {
	for _, c := range n.children {
		if !walkSubtree(c, visit) {
			return false
		}
	}
	return true
}

func walkSubtree(n *xmlNode, visit func(*xmlNode) bool) bool {
	return visit(n) && walkDescendants(n, visit)
}

func walkAncestors(n *xmlNode, visit func(*xmlNode) bool) bool {
	for a := n.parent; a != nil; a = a.parent {
		if !visit(a) {
			return false
		}
	}
	return true
}

// walkFollowing visits what comes after a node's end; after an attribute come the
// children of its element.
func walkFollowing(n *xmlNode, visit func(*xmlNode) bool) bool {
	if n.kind == xmlAttribute {
		if !walkDescendants(n.parent, visit) {
			return false
		}
		n = n.parent
	}
	for ; n != nil; n = n.parent {
		_, after := n.siblings()
		for _, s := range after {
			if !walkSubtree(s, visit) {
				return false
			}
		}
	}
	return true
}

// walkPreceding visits what ends before a node begins, the last first.
func walkPreceding(n *xmlNode, visit func(*xmlNode) bool) bool {
	if n.kind == xmlAttribute {
		n = n.parent
	}
	for ; n != nil; n = n.parent {
		before, _ := n.siblings()
		for _, s := range slices.Backward(before) {
			if !walkSubtreeBackward(s, visit) {
				return false
			}
		}
	}
	return true
}

func walkSubtreeBackward(n *xmlNode, visit func(*xmlNode) bool) bool {
	for _, c := range slices.Backward(n.children) {
		if !walkSubtreeBackward(c, visit) {
			return false
		}
	}
	return visit(n)
}

// siblings returns the nodes before and after a node under its parent. An
// attribute has none.
func (n *xmlNode) siblings() (before, after []*xmlNode) {
	if n.parent == nil || n.kind == xmlAttribute {
		return nil, nil
	}
	all := n.parent.children
	i, _ := slices.BinarySearchFunc(all, n, byDocumentOrder)
	return all[:i], all[i+1:]
}

func byDocumentOrder(a, b *xmlNode) int { return cmp.Compare(a.order, b.order) }

// inDocumentOrder sorts nodes and drops repetitions.
func inDocumentOrder(nodes []*xmlNode) []*xmlNode {
	slices.SortFunc(nodes, byDocumentOrder)
	return slices.Compact(nodes)
}
